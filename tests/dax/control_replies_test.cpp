#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/replies.hpp"

namespace loopstate::dax {

TEST(DaxControlRepliesTest, ANodeHasAnAddressAPortAndARole) {
  const auto nodes = read_endpoints(from_hex(
      "82"
      "a7 00 1903e8 01 69 6c6f63616c686f7374 02 44 7f000001 03 1946bf 04 01 05 68 6c61622d617a2d30 06 07"
      "bf 02 50 00000000000000000000000000000001 03 191fc7 04 02 1863 81 00 ff"));
  ASSERT_TRUE(nodes) << nodes.error().message;
  ASSERT_EQ(nodes->size(), 2u);
  EXPECT_EQ(nodes->front(), (Endpoint{1000, "localhost", std::string("\x7f\0\0\1", 4), 18111,
                                      Endpoint::Role::Leader, "lab-az-0", 7}));
  EXPECT_EQ(nodes->back().address, std::string(15, '\0') + '\1');
  EXPECT_EQ(nodes->back().role, Endpoint::Role::Replica);
}

TEST(DaxControlRepliesTest, ANodeThatNobodyCanConnectToIsAProtocolError) {
  for (const auto* const hex :
       {"80", "81 a0", "81 a1 02 44 7f000001", "81 a2 02 43 7f0000 03 01", "81 a2 02 44 7f000001 03 00",
        "81 a2 02 44 7f000001 03 1a00010000", "81 a2 02 64 7f000001 03 01"}) {
    const auto nodes = read_endpoints(from_hex(hex));
    ASSERT_FALSE(nodes) << hex;
    EXPECT_EQ(nodes.error().code, ErrorCode::ProtocolError);
  }
}

TEST(DaxControlRepliesTest, AClusterHasSoManyNodesAtMost) {
  std::string many = from_hex("98 41");
  for (std::size_t count = 0; count <= kEndpointsMax; ++count) many += from_hex("a2 02 44 7f000001 03 01");
  EXPECT_FALSE(read_endpoints(many));
}

TEST(DaxControlRepliesTest, AKeySchemaIsInTheOrderOfTheKey) {
  const auto schema = read_key_schema(from_hex("a2 62 736b 61 53 62 706b 61 4e"));
  ASSERT_TRUE(schema);
  EXPECT_EQ(*schema, (KeySchema{{{"sk", "S"}, {"pk", "N"}}}));
  EXPECT_FALSE(read_key_schema(from_hex("a3 61 61 61 53 61 62 61 53 61 63 61 53")));
}

TEST(DaxControlRepliesTest, OnlyATableWithOurKeysIsOurs) {
  EXPECT_TRUE(check_key_schema({{{"pk", "S"}, {"sk", "S"}}}, "T"));
  for (const KeySchema& other : {KeySchema{}, KeySchema{{{"pk", "S"}}}, KeySchema{{{"pk", "S"}, {"sk", "N"}}},
                                 KeySchema{{{"sk", "S"}, {"pk", "S"}}}}) {
    const auto checked = check_key_schema(other, "T");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::TableMismatch);
  }
  EXPECT_EQ(
      check_key_schema({{{"pk", "S"}, {"sk", "N"}}}, "T").error().message,
      "the cluster says that the keys of table T are pk (S), sk (N); a loopstate table has pk (S), sk (S)");
}

TEST(DaxControlRepliesTest, ListsOfNames) {
  EXPECT_EQ(read_list_id(from_hex("02")).value(), ListId{2});
  EXPECT_EQ(read_list_names(from_hex("82 61 6e 64 6e616d65")).value(), (AttributeNames{"n", "name"}));
  EXPECT_FALSE(read_list_id(from_hex("20")));
  EXPECT_FALSE(read_list_id(from_hex("01"))) << "the list of no names is never asked for";
  EXPECT_FALSE(read_list_id(from_hex("02 00")));
  EXPECT_FALSE(read_list_names(from_hex("81 41 6e")));
}

}  // namespace loopstate::dax
