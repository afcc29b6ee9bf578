// The calls are those of the catalogue: the same names, with the same parameters; its examples run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "c/call.hpp"
#include "c/library.hpp"
#include "c/open_from_json.hpp"
#include "json/writer.hpp"

namespace loopstate::c {
namespace {

using json::Kind;
using json::View;

const std::string& catalogue() {
  static const std::string text = [] {
    const auto bytes = loopstate_catalogue();
    return std::string(static_cast<const char*>(bytes.data), bytes.size);
  }();
  return text;
}

View part(std::string_view name) {
  return View(catalogue()).find(name).value();
}

std::string text_of(const View& object, std::string_view member) {
  return json::string_member(object, member).value_or("");
}

/// An empty list may be absent.
std::vector<View> list_of(const View& object, std::string_view member) {
  const auto found = object.find(member);
  return found ? found->elements() : std::vector<View>();
}

bool is_true(const View& object, std::string_view member) {
  const auto found = object.find(member);
  return found && found->boolean().value_or(false);
}

/// Of a call: those that are in the JSON.
std::vector<View> parameters_of(const View& call) {
  std::vector<View> parameters;
  for (const auto& parameter : list_of(call, "parameters")) {
    if (text_of(parameter, "type") != "bytes") parameters.push_back(parameter);
  }
  return parameters;
}

/// What a call asks for, by giving it nothing but a number of buffers that no call takes.
std::set<std::string> asked_by(OpenStore& store, const Call& call) {
  std::vector<std::string> asked;
  auto params = Params::parse("{}");
  params->watch(asked);
  const std::vector<loopstate_bytes> buffers(99);
  Input input(std::move(*params), buffers);
  const auto refused = call.run(store, input);
  EXPECT_FALSE(refused) << call.name;
  return {asked.begin(), asked.end()};
}

/// Of a parameter that is a struct, and those that it is read from member by member.
void add_members(std::set<std::string>& names, const View& parameter, const std::set<std::string>& asked) {
  const auto name = text_of(parameter, "name");
  names.insert(name);
  const auto type = part("types").find(text_of(parameter, "type"));
  const bool by_member =
      std::ranges::any_of(asked, [&](const auto& one) { return one.starts_with(name + "."); });
  if (!type || !by_member) return;
  for (const auto& field : list_of(*type, "fields")) names.insert(name + "." + text_of(field, "name"));
}

class CCatalogue : public testing::Test {
 protected:
  CCatalogue() : store_(open_from_json(settings_for(folder_.file())).value()) {}

  Folder folder_;
  std::unique_ptr<OpenStore> store_;
};

TEST_F(CCatalogue, NamesTheSameCalls) {
  std::vector<std::string> there;
  for (const auto& call : all_calls()) there.emplace_back(call.name);
  std::vector<std::string> written;
  for (const auto& [name, call] : part("calls").members()) written.push_back(name);
  EXPECT_THAT(written, testing::UnorderedElementsAreArray(there));
}

TEST_F(CCatalogue, NamesTheParametersThatEachCallAsksFor) {
  for (const auto& [name, written] : part("calls").members()) {
    const auto* const call = find_call(name);
    ASSERT_NE(call, nullptr) << name;
    const auto asked = asked_by(*store_, *call);
    std::set<std::string> names;
    for (const auto& parameter : parameters_of(written)) add_members(names, parameter, asked);
    EXPECT_EQ(asked, names) << name;
  }
}

/// What was answered in the place of "{add_capture.capture.id}" and the like.
class Examples {
 public:
  explicit Examples(loopstate_store store) : store_(store) {}

  /// The call's example, after those that come before it, each once.
  void run(const std::string& name) {
    if (answers_.contains(name)) return;
    const auto written = part("calls").find(name).value();
    const auto example = written.find("example").value();
    for (const auto& earlier : list_of(example, "after")) run(*earlier.string());
    std::vector<std::string> buffers;
    auto json = request_of(written, example.find("request").value(), buffers);
    const auto answer = call(store_, name.c_str(), json, buffers);
    EXPECT_TRUE(answer.ok()) << name << json << "\n" << answer.json();
    answers_[name] = answer.json();
  }

 private:
  /// Bytes move into the buffers, what a reader or a writer is known by comes from its opening.
  std::string request_of(const View& written, const View& request, std::vector<std::string>& buffers) {
    json::Writer out;
    out.begin_object();
    for (const auto& parameter : list_of(written, "parameters")) {
      const auto name = text_of(parameter, "name");
      const auto given = request.find(name);
      if (name == "reader" || name == "writer") {
        out.key(name).raw(View(answers_["documents." + name + ".open"]).find(name)->text());
      } else if (given && text_of(parameter, "type") == "bytes") {
        buffers.push_back(*given->string());
      } else if (given) {
        out.key(name);
        write(*given, out, buffers);
      }
    }
    out.end_object();
    return std::move(out).take();
  }

  void write(const View& value, json::Writer& out, std::vector<std::string>& buffers) {
    if (value.kind() == Kind::Array) {
      out.begin_array();
      for (const auto& element : value.elements()) write(element, out, buffers);
      out.end_array();
    } else if (value.kind() == Kind::Object) {
      out.begin_object();
      for (const auto& [name, member] : value.members()) {
        if (name == "body") {
          buffers.push_back(*member.string());
          continue;
        }
        out.key(name);
        write(member, out, buffers);
      }
      out.end_object();
    } else {
      out.raw(filled_in(value));
    }
  }

  std::string filled_in(const View& value) {
    const auto text = value.string().value_or("");
    if (!text.starts_with('{') || !text.ends_with('}') || text.find('"') != std::string::npos)
      return std::string(value.text());
    std::string path = text.substr(1, text.size() - 2);
    for (const auto& [name, answer] : answers_) {
      if (!path.starts_with(name + ".")) continue;
      View at(answer);
      path.erase(0, name.size() + 1);
      while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        at = at.find(path.substr(0, dot)).value();
        path.erase(0, dot + 1);
      }
      return std::string(at.text());
    }
    return std::string(value.text());
  }

  loopstate_store store_;
  std::map<std::string, std::string> answers_;
};

TEST(CExamples, OfTheCatalogueRun) {
  const Folder here;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(here.file()).parent_path());
  for (const auto& [name, call] : part("calls").members()) {
    const TestStore store;
    Examples(store.handle()).run(name);
  }
  std::filesystem::current_path(before);
}

/// Whether the example has more in its JSON than the call takes there, since bytes go beside it.
bool has_bytes(const View& call) {
  const auto request = call.find({"example", "request"}).value();
  return request.text().find("\"body\"") != std::string_view::npos || request.find("bytes");
}

/// Whether the example has less: the number of the stream is known only once it is open.
bool has_handle(const View& call) {
  const auto first = list_of(call, "parameters");
  return !first.empty() && (text_of(first[0], "name") == "reader" || text_of(first[0], "name") == "writer");
}

/// The example of each call with one member changed, which must be refused.
class CBadInput : public testing::Test {
 protected:
  std::string with(const View& request, std::string_view member, std::string_view value) {
    json::Writer out;
    out.begin_object();
    for (const auto& [name, given] : request.members()) {
      if (name != member) out.key(name).raw(given.text());
    }
    if (!value.empty()) out.key(member).raw(value);
    out.end_object();
    return std::move(out).take();
  }
  void expect_refused(const std::string& name, const std::string& json, const std::string& begins) {
    const auto answer = store_.call(name.c_str(), json);
    EXPECT_EQ(answer.code(), "InvalidArgument") << name << json << answer.json();
    EXPECT_EQ(answer.message().substr(0, begins.size()), begins) << name << json;
  }

  TestStore store_;
};

TEST_F(CBadInput, ARequiredParameterThatIsMissingIsNamed) {
  for (const auto& [name, call] : part("calls").members()) {
    const auto request = call.find({"example", "request"}).value();
    for (const auto& parameter : parameters_of(call)) {
      if (!is_true(parameter, "required")) continue;
      const auto missing = text_of(parameter, "name");
      expect_refused(name, with(request, missing, ""), has_bytes(call) ? "" : missing + " is missing;");
    }
  }
}

TEST_F(CBadInput, AParameterOfAnotherKindIsNamed) {
  for (const auto& [name, call] : part("calls").members()) {
    const auto request = call.find({"example", "request"}).value();
    for (const auto& parameter : parameters_of(call)) {
      const auto type = text_of(parameter, "type");
      const auto member = text_of(parameter, "name");
      if (type.starts_with("json")) continue;
      expect_refused(name, with(request, member, type.starts_with("[") ? "5" : "[[]]"),
                     has_bytes(call) || has_handle(call) ? "" : member + " is");
    }
  }
}

TEST_F(CBadInput, AParameterThatTheCallDoesNotHaveIsNamed) {
  for (const auto& [name, call] : part("calls").members()) {
    const auto request = call.find({"example", "request"}).value();
    const auto answer = store_.call(name.c_str(), with(request, "no_such", "1"));
    EXPECT_EQ(answer.code(), "InvalidArgument") << name;
  }
}

TEST_F(CBadInput, ANumberOutOfItsRangeIsRefused) {
  int checked = 0;
  for (const auto& [name, call] : part("calls").members()) {
    const auto request = call.find({"example", "request"}).value();
    for (const auto& parameter : parameters_of(call)) {
      const auto type = text_of(parameter, "type");
      if (!type.starts_with("u64") && !type.starts_with("duration")) continue;
      const auto most = parameter.find("max");
      const auto least = parameter.find("min");
      for (const auto& [limit, value] : {std::pair{least, std::string("0")},
                                         {most, most ? std::to_string(*most->unsigned_integer() + 1) : ""}}) {
        if (!limit || request.find("body")) continue;
        ++checked;
        EXPECT_EQ(store_.call(name.c_str(), with(request, text_of(parameter, "name"), value)).code(),
                  "InvalidArgument")
            << name << " " << text_of(parameter, "name") << " " << value;
      }
    }
  }
  EXPECT_GT(checked, 5);
}

}  // namespace
}  // namespace loopstate::c
