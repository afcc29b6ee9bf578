#include "dax/expression.hpp"

#include <gtest/gtest.h>

#include <map>

#include "dax/bytes.hpp"
#include "dax/value.hpp"
#include "dax/vectors.hpp"

namespace loopstate::dax {

using table::Change;
using table::Comparison;
using table::Condition;
using table::Path;
using table::Value;

namespace {

/// What a tree means, for comparison: the same text for trees that differ only in how AND and OR are nested
/// and in how their values are numbered. An empty text, which stops the test, if it is not a tree.
class Meaning {
 public:
  static std::string of(std::string_view bytes) {
    cbor::Reader reader(bytes);
    std::uint64_t format = 0;
    if (!reader.begin_array_of(3) || !reader.read_unsigned(format) || format != 1) return {};
    const std::size_t begin = reader.position();
    cbor::Reader tree = reader;
    cbor::Sequence values;
    if (!reader.skip() || !reader.begin_array(values)) return {};
    Meaning meaning;
    while (reader.next(values)) {
      const std::size_t value = reader.position();
      reader.skip();
      meaning.values_.push_back(to_hex(reader.since(value)));
    }
    EXPECT_TRUE(reader.finish()) << reader.problem();
    EXPECT_LT(begin, bytes.size());
    return meaning.node(tree);
  }

 private:
  std::string node(cbor::Reader& reader, int inside = -1) {
    if (reader.peek() == cbor::Kind::Text) {
      std::string_view text;
      reader.read_text(text);
      return std::string(text);
    }
    std::uint64_t number = 0;
    if (reader.peek() == cbor::Kind::Tag) {
      EXPECT_TRUE(reader.read_tag_that_is(cbor::kTagListIndex) && reader.read_unsigned(number));
      return "[" + std::to_string(number) + "]";
    }
    cbor::Sequence array;
    EXPECT_TRUE(reader.begin_array(array)) << reader.problem();
    if (reader.peek() == cbor::Kind::Array) return list(reader, array);
    EXPECT_TRUE(reader.next(array) && reader.read_unsigned(number)) << reader.problem();
    if (number == 17) {
      std::uint64_t at = 0;
      EXPECT_TRUE(reader.next(array) && reader.read_unsigned(at) && !reader.next(array));
      return "<" + values_.at(at) + ">";
    }
    const bool joined = (number == 6 || number == 7) && static_cast<int>(number) == inside;
    std::string text = joined ? "" : "(" + std::to_string(number);
    const int here = number == 6 || number == 7 ? static_cast<int>(number) : -1;
    while (reader.next(array)) text += (text.empty() ? "" : " ") + node(reader, here);
    return joined ? text : text + ")";
  }

  std::string list(cbor::Reader& reader, cbor::Sequence& array) {
    std::string text = "{";
    while (reader.next(array)) text += node(reader) + ";";
    return text + "}";
  }

  std::vector<std::string> values_;
};

/// The content of the byte string that `append` writes.
template <typename Append, typename Expression>
std::string content(Append append, const Expression& expression) {
  std::string out;
  append(out, expression);
  cbor::Reader reader(out);
  std::string_view bytes;
  EXPECT_TRUE(reader.read_bytes(bytes) && reader.finish()) << reader.problem();
  return std::string(bytes);
}

Value n(std::int64_t value) {
  return Value::number(value);
}

Condition is(const char* name, std::int64_t value) {
  return Condition::equals(name, n(value));
}

/// The texts of the official clients' examples that the port's conditions can express.
std::map<std::string, Condition> conditions() {
  const auto compare = [](Comparison how) { return Condition::compare("a", how, n(5)); };
  return {{"a = :v", compare(Comparison::Equal)},
          {"a <> :v", compare(Comparison::NotEqual)},
          {"a < :v", compare(Comparison::Less)},
          {"a <= :v", compare(Comparison::LessOrEqual)},
          {"a > :v", compare(Comparison::Greater)},
          {"a >= :v", compare(Comparison::GreaterOrEqual)},
          {"attribute_exists(a)", Condition::exists("a")},
          {"attribute_not_exists(#n.b[0])", Condition::absent(Path("name").member("b").at(0))},
          {"begins_with(a, :t)", Condition::begins_with("a", "x")},
          {"contains(a, :t)", Condition::contains("a", "x")},
          {"NOT a = :v AND b = :w", Condition::all_of({Condition::negate(is("a", 1)), is("b", 2)})},
          {"a = :v OR b = :w AND c = :x",
           Condition::any_of({is("a", 1), Condition::all_of({is("b", 2), is("c", 3)})})},
          {"(a = :v OR b = :w) AND c = :x",
           Condition::all_of({Condition::any_of({is("a", 1), is("b", 2)}), is("c", 3)})},
          {"a = :v AND b = :w AND c = :x", Condition::all_of({is("a", 1), is("b", 2), is("c", 3)})},
          {"a = :v OR b = :v", Condition::any_of({is("a", 1), is("b", 1)})},
          {"(a) = :v", is("a", 1)},
          {"ATTRIBUTE_EXISTS(a) and not begins_with(a,:v)",
           Condition::all_of({Condition::exists("a"), Condition::negate(Condition::begins_with("a", "z"))})},
          {"a.b.c[2][3].d = :v", Condition::equals(Path("a").member("b").member("c").at(2).at(3).member("d"),
                                                   Value::boolean(true))}};
}

std::map<std::string, table::Update> updates() {
  return {
      {"SET a = :v", {Change::set("a", n(1))}},
      {"SET m.#k[1] = :v REMOVE q, l[0] ADD cnt :one, ss :ss DELETE st :st",
       {Change::set(Path("m").member("key").at(1), table::Null()), Change::remove("q"),
        Change::remove(Path("l").at(0)), Change::add("cnt", n(1)), Change::add("ss", table::StringSet{{"a"}}),
        Change::delete_elements("st", table::StringSet{{"b"}})}}};
}

table::Query query(table::SortRange range) {
  table::Query query;
  query.pk = "u";
  query.range = std::move(range);
  return query;
}

std::string key_condition(const table::Query& query) {
  return to_hex(content(append_key_condition, query));
}

}  // namespace

TEST(DaxExpressionTest, TreesMeanWhatTheOfficialClientsTreesMean) {
  const auto conditions = dax::conditions();
  const auto updates = dax::updates();
  std::size_t compared = 0;
  for (const json::View& vector : vectors("expressions")) {
    const std::string text = dax::text(vector, "text");
    std::string ours;
    if (const auto at = conditions.find(text); at != conditions.end())
      ours = content(append_condition, at->second);
    if (const auto at = updates.find(text); at != updates.end()) ours = content(append_update, at->second);
    if (ours.empty()) continue;
    EXPECT_EQ(Meaning::of(ours), Meaning::of(from_hex(dax::text(vector, "python")))) << text;
    EXPECT_NE(Meaning::of(ours), "") << text;
    ++compared;
  }
  EXPECT_EQ(compared, conditions.size() + updates.size());
}

TEST(DaxExpressionTest, MeaningTellsDifferentTreesApart) {
  const auto of = [](const Condition& condition) {
    return Meaning::of(content(append_condition, condition));
  };
  EXPECT_NE(of(is("a", 1)), of(is("a", 2)));
  EXPECT_NE(of(Condition::all_of({is("a", 1), is("b", 2)})), of(Condition::any_of({is("a", 1), is("b", 2)})));
  EXPECT_NE(of(Condition::any_of({is("a", 1), Condition::all_of({is("b", 2), is("c", 3)})})),
            of(Condition::all_of({Condition::any_of({is("a", 1), is("b", 2)}), is("c", 3)})));
}

TEST(DaxExpressionTest, ATreeOfManyTermsIsNotDeep) {
  const std::vector<Condition> many(300, is("a", 1));
  cbor::Reader reader("");
  const std::string bytes = content(append_condition, Condition::all_of(many));
  reader = cbor::Reader(bytes);
  EXPECT_TRUE(reader.skip()) << reader.problem();
}

TEST(DaxExpressionTest, AValueIsWrittenOnce) {
  EXPECT_EQ(to_hex(content(append_condition, Condition::any_of({is("a", 1), is("b", 1)}))),
            "830183078300821261618211008300821261628211008101");
}

TEST(DaxExpressionTest, AKeyConditionHasOneTermForTheSortKey) {
  EXPECT_EQ(key_condition(query({})), "83018300821262706b821100816175");
  EXPECT_EQ(key_condition(query({.first = "a", .last = "b", .prefix = {}})),
            to_hex(from_hex("83 01 83 06 83 00 82 12 62 706b 82 11 00 84 09 82 12 62 736b 82 11 01 82 11 02"
                            "83 61 75 61 61 61 62")));
  EXPECT_EQ(key_condition(query({.first = "a", .last = {}, .prefix = {}})),
            to_hex(from_hex(
                "83 01 83 06 83 00 82 12 62 706b 82 11 00 83 03 82 12 62 736b 82 11 01 82 61 75 61 61")));
  EXPECT_EQ(key_condition(query({.first = {}, .last = "b", .prefix = {}})),
            to_hex(from_hex(
                "83 01 83 06 83 00 82 12 62 706b 82 11 00 83 05 82 12 62 736b 82 11 01 82 61 75 61 62")));
  EXPECT_EQ(key_condition(query({.first = {}, .last = {}, .prefix = "S"})),
            to_hex(from_hex(
                "83 01 83 06 83 00 82 12 62 706b 82 11 00 83 0e 82 12 62 736b 82 11 01 82 61 75 61 53")));
}

TEST(DaxExpressionTest, ASortKeyThatEqualsThePartitionKeySharesItsValue) {
  EXPECT_EQ(key_condition(query({.first = "u", .last = "u", .prefix = {}})),
            to_hex(from_hex(
                "83 01 83 06 83 00 82 12 62 706b 82 11 00 84 09 82 12 62 736b 82 11 00 82 11 00 81 61 75")));
}

}  // namespace loopstate::dax
