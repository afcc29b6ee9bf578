#include "dax/requests.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/cbor_writer.hpp"
#include "dax/example_item.hpp"

namespace loopstate::dax {

using table::Condition;
using table::Item;
using table::Key;
using table::Value;

namespace {

constexpr Timestamp kNow{std::chrono::seconds(1)};

std::string hex(std::string_view written) {
  return to_hex(from_hex(written));
}

/// `NOT ttl <= 1`, which every condition on a live item asks for, with its value as number `value`.
std::string alive(int value) {
  return "82 08 83 05 82 12 63 74746c 82 11 0" + std::to_string(value);
}

std::string wrapped(std::string_view content) {
  std::string out = from_hex(content);
  cbor::wrap_bytes(out, 0);
  return to_hex(out);
}

}  // namespace

TEST(DaxRequestsTest, ControlCalls) {
  EXPECT_EQ(to_hex(endpoints_call()), hex("01 1a1b2bcf02"));
  EXPECT_EQ(to_hex(key_schema_call("T1")), hex("01 3a2c43e27e 42 5431"));
  EXPECT_EQ(to_hex(list_id_call({"n", "name"})), hex("01 3a495927bb 82 61 6e 64 6e616d65"));
  EXPECT_EQ(to_hex(list_names_call(ListId{2})), hex("01 1a27f9bd71 02"));
  EXPECT_EQ(to_hex(list_names_call(ListId{INT64_MAX})), hex("01 1a27f9bd71 1b7fffffffffffffff"));
}

TEST(DaxRequestsTest, AGetSaysWhetherItMayBeStale) {
  const std::string head = "01 1a0fb0cc6a 43 545353" + std::string(kKeyHex);
  EXPECT_EQ(to_hex(get_item_call("TSS", kKey, Consistency::Strong)), hex(head + "bf 02 f5 ff"));
  EXPECT_EQ(to_hex(get_item_call("TSS", kKey, Consistency::MayBeStale)), hex(head + "bf 02 f4 ff"));
}

TEST(DaxRequestsTest, ABatchOfGets) {
  EXPECT_EQ(to_hex(batch_get_call("TSS", {kKey, {"U", "V"}}, Consistency::Strong)),
            hex("01 3a29985cdb a1 63 545353 83 f5 f6 82" + std::string(kKeyHex) + "43 61 55 56 bf ff"));
}

TEST(DaxRequestsTest, AnUnconditionalPut) {
  EXPECT_EQ(to_hex(put_item_call("TSS", {ann(), {}}, ListId{2}, kNow).value()),
            hex("01 3a7d8e7e56 43 545353" + std::string(kKeyHex) + "47 02 182a 63 416e6e bf 07 02 ff"));
}

TEST(DaxRequestsTest, AnItemWithNothingButItsKeyHasTheListWithoutNames) {
  EXPECT_EQ(to_hex(put_item_call("TSS", {{kKey, {}}, {}}, kEmptyList, kNow).value()),
            hex("01 3a7d8e7e56 43 545353" + std::string(kKeyHex) + "41 01 bf 07 02 ff"));
}

TEST(DaxRequestsTest, APutOverNothingLetsAnExpiredItemBeNone) {
  const auto call = put_item_call("TSS", {ann(), Condition::item_absent()}, ListId{2}, kNow);
  const std::string condition =
      wrapped("83 01 83 07 83 05 82 12 63 74746c 82 11 00 82 0c 82 12 62 706b 81 01");
  EXPECT_EQ(to_hex(call.value()), hex("01 3a7d8e7e56 43 545353" + std::string(kKeyHex) +
                                      "47 02 182a 63 416e6e bf 07 02 04" + condition + "ff"));
}

TEST(DaxRequestsTest, AnUpdateNeedsALiveItemAndReturnsTheNewOne) {
  const table::UpdateItem update{kKey, {table::Change::set("a", Value::number(std::int64_t{7}))}, {}};
  const std::string condition = wrapped("83 01 83 06 82 0b 82 12 62 706b" + alive(0) + "81 01");
  EXPECT_EQ(to_hex(update_item_call("TSS", update, kNow).value()),
            hex("01 1a54f89c0f 43 545353" + std::string(kKeyHex) + "bf 07 04 04" + condition +
                "08 4e 83 01 81 83 13 82 12 61 61 82 11 00 81 07 ff"));
}

TEST(DaxRequestsTest, ADeleteReturnsWhatWasThere) {
  EXPECT_EQ(to_hex(delete_item_call("TSS", {kKey, {}}, kNow).value()),
            hex("01 1a3c696221 43 545353" + std::string(kKeyHex) + "bf 07 02 ff"));
}

TEST(DaxRequestsTest, ABatchOfPutsIsKeysAndItemsInTurn) {
  EXPECT_EQ(to_hex(batch_put_call("TSS", {ann(), {{"U", "V"}, {}}}, {ListId{2}, kEmptyList})),
            hex("01 1a06ed585f a1 63 545353 84" + std::string(kKeyHex) +
                "47 02 182a 63 416e6e 43 61 55 56 41 01 bf ff"));
}

TEST(DaxRequestsTest, ATransactionIsEightListsSideBySide) {
  const std::vector<table::Operation> operations = {
      table::Put{ann(), {}},
      table::UpdateItem{{"U", "1"}, {table::Change::add("c", Value::number(std::int64_t{1}))}, {}},
      table::Erase{{"U", "2"}, {}}, table::Check{{"U", "3"}, Condition::item_exists()}};
  const auto call =
      transact_call("TSS", operations, {ListId{2}, kEmptyList, kEmptyList, kEmptyList}, "tok-1", kNow);
  const std::string update_condition = wrapped("83 01 83 06 82 0b 82 12 62 706b" + alive(0) + "81 01");
  const std::string check_condition = wrapped("83 01 83 06" + alive(0) + "82 0b 82 12 62 706b 81 01");
  const std::string update = wrapped("83 01 81 83 14 82 12 61 63 82 11 00 81 01");
  EXPECT_EQ(
      to_hex(call.value()),
      hex("01 3a4524c569 84 02 09 07 0c 84 43545353 43545353 43545353 43545353 84" + std::string(kKeyHex) +
          "43 61 55 31 43 61 55 32 43 61 55 33 84 47 02 182a 63 416e6e f6 f6 f6 f6 84 01 02 01 02 84 f6" +
          update_condition + "f6" + check_condition + "84 f6" + update + "f6 f6 bf 13 65 746f6b2d31 ff"));
}

TEST(DaxRequestsTest, AnUpdateWithoutAChangeIsACheckInATransaction) {
  const auto call = transact_call("TSS", {table::UpdateItem{kKey, {}, {}}}, {kEmptyList}, "t", kNow);
  EXPECT_TRUE(to_hex(call.value()).starts_with(hex("01 3a4524c569 81 0c"))) << to_hex(call.value());
  EXPECT_TRUE(to_hex(call.value()).ends_with(hex("81 f6 bf 13 61 74 ff")));
}

TEST(DaxRequestsTest, AQueryGoesOnBehindTheLastKey) {
  table::Query query;
  query.pk = "U";
  query.descending = true;
  const std::string pk_only = "4f 83 01 83 00 82 12 62 706b 82 11 00 81 61 55";
  EXPECT_EQ(
      to_hex(query_call("TSS", query, 2, kKey, Consistency::Strong)),
      hex("01 3a3781c2ae 43 545353" + pk_only + "bf 0e 00 02 01 0d 02 09" + std::string(kKeyHex) + "ff"));
  query.descending = false;
  EXPECT_EQ(to_hex(query_call("TSS", query, 0, {}, Consistency::MayBeStale)),
            hex("01 3a3781c2ae 43 545353" + pk_only + "bf 0e 01 02 00 ff"));
}

TEST(DaxRequestsTest, AScanOfASegment) {
  table::Scan scan;
  EXPECT_EQ(to_hex(scan_call("TSS", scan, 0, {}, Consistency::Strong)),
            hex("01 3a6fc8309b 43 545353 bf 02 01 ff"));
  scan.segments = 2;
  scan.segment = 1;
  EXPECT_EQ(to_hex(scan_call("TSS", scan, 5, kKey, Consistency::Strong)),
            hex("01 3a6fc8309b 43 545353 bf 10 01 11 02 02 01 0d 05 09" + std::string(kKeyHex) + "ff"));
}

TEST(DaxRequestsTest, AConditionOverTheServicesLimitsIsNotSent) {
  std::vector<Condition> many(301, Condition::exists("a"));
  const auto many_operators = put_item_call("T1", {ann(), Condition::any_of(many)}, ListId{2}, kNow);
  ASSERT_FALSE(many_operators);
  EXPECT_EQ(many_operators.error().code, ErrorCode::InvalidArgument);
  const std::string long_name(256, 'n');
  EXPECT_FALSE(delete_item_call("T1", {kKey, Condition::exists(long_name)}, kNow));
  EXPECT_FALSE(update_item_call("T1", {kKey, {table::Change::remove(long_name)}, {}}, kNow));
  EXPECT_FALSE(transact_call("T1",
                             {table::Check{kKey, Condition::exists(table::Path("m").member(long_name))}},
                             {kEmptyList}, "t", kNow));
}

}  // namespace loopstate::dax
