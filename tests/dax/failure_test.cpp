#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/replies.hpp"
#include "table/service/certainty.hpp"
#include "table/service/retry.hpp"

namespace loopstate::dax {

using table::Item;
using table::Key;
using table::Value;
using Codes = std::vector<std::int64_t>;

namespace {

const std::vector<Key> kKeys = {{"P", "1"}, {"P", "2"}};

/// An error reply with these codes, a message, and an error's name.
std::string error_reply(const Codes& codes, std::string_view name = {}, std::string_view message = "no") {
  std::string out;
  cbor::append_array(out, codes.size());
  for (const std::int64_t code : codes) cbor::append_integer(out, code);
  cbor::append_text(out, message);
  if (name.empty()) {
    cbor::append_null(out);
    return out;
  }
  cbor::append_array(out, 3);
  cbor::append_text(out, "REQUEST");
  cbor::append_text(out, name);
  cbor::append_integer(out, 400);
  return out;
}

Failure failure_of(Method method, std::string_view reply) {
  static AttributeLists lists;
  lists.learn(ListId{2}, {"n"});
  ReplyNames names(lists);
  auto understood = understand(method, reply, kKeys, names);
  EXPECT_FALSE(understood);
  return understood ? Failure() : understood.error();
}

Failure failure_of(Method method, const Codes& codes, std::string_view name = {}) {
  return failure_of(method, error_reply(codes, name));
}

/// A cancelled transaction with these reasons, which are the elements of a flat list.
std::string cancelled(std::string_view reasons) {
  return from_hex("85 04 1825 1826 1827 183a 69 63616e63656c6c6564 84 f6 f6 190190" + std::string(reasons));
}

constexpr Method kWrites[] = {Method::PutItem, Method::UpdateItem, Method::DeleteItem,
                              Method::TransactWriteItems, Method::BatchWriteItem};
constexpr Method kReads[] = {Method::GetItem, Method::Query, Method::Scan, Method::BatchGetItem};

}  // namespace

TEST(DaxFailureTest, SuccessGivesTheValuesBehindTheEmptyList) {
  AttributeLists lists;
  ReplyNames names(lists);
  for (const auto* const head : {"80", "9fff", "9800"}) {
    EXPECT_EQ(understand(Method::GetItem, from_hex(std::string(head) + "a0"), {}, names).value(),
              from_hex("a0"));
  }
}

TEST(DaxFailureTest, ARefusedConditionIsAnAnswer) {
  const Failure failure = failure_of(
      Method::PutItem,
      from_hex("85 04 1825 1826 1827 182b 78 1e 54686520636f6e646974696f6e616c2072657175657374206661696c6564"
               "83 6c 4c4142524551554553544944 78 1f "
               "436f6e646974696f6e616c436865636b4661696c6564457863657074696f6e 19 0190"));
  EXPECT_TRUE(failure.refused);
  EXPECT_FALSE(failure.maybe_done);
  EXPECT_EQ(failure.again, Again::Never);
  EXPECT_EQ(failure.type, "ConditionalCheckFailedException");
}

TEST(DaxFailureTest, TheServicesErrorsKeepTheirMeaning) {
  const struct {
    Codes codes;
    ErrorCode code;
    Again again;
    bool maybe_done;
  } expected[] = {{{4, 37, 38, 39, 40}, ErrorCode::Throttled, Again::Throttling, false},
                  {{4, 37, 38, 39, 41}, ErrorCode::TableNotFound, Again::Never, false},
                  {{4, 23, 24}, ErrorCode::TableNotFound, Again::Never, false},
                  {{4, 23, 35}, ErrorCode::TableNotReady, Again::Never, false},
                  {{4, 37, 38, 39, 45}, ErrorCode::TableNotReady, Again::Never, false},
                  {{4, 37, 38, 39, 46}, ErrorCode::InvalidArgument, Again::Never, false},
                  {{4, 37, 38, 39, 47}, ErrorCode::Unavailable, Again::Transient, true},
                  {{4, 37, 38, 39, 48}, ErrorCode::StorageFull, Again::Never, false},
                  {{4, 37, 38, 39, 49}, ErrorCode::Throttled, Again::Throttling, false},
                  {{4, 37, 38, 39, 50}, ErrorCode::Throttled, Again::Throttling, false},
                  {{4, 37, 38, 39, 57}, ErrorCode::Unavailable, Again::Conflict, false},
                  {{4, 37, 38, 39, 59}, ErrorCode::Unavailable, Again::Throttling, true},
                  {{4, 37, 38, 39, 60}, ErrorCode::InvalidArgument, Again::Never, false},
                  {{4, 37, 38, 39, 61}, ErrorCode::Throttled, Again::Throttling, false},
                  {{4, 37, 38, 42}, ErrorCode::AccessDenied, Again::Never, false},
                  {{4, 37, 38, 44}, ErrorCode::Unsupported, Again::Never, false}};
  for (const auto& one : expected) {
    const Failure failure = failure_of(Method::PutItem, one.codes);
    EXPECT_EQ(failure.error.code, one.code) << failure.error.message;
    EXPECT_EQ(failure.again, one.again) << failure.error.message;
    EXPECT_EQ(failure.maybe_done, one.maybe_done) << failure.error.message;
  }
}

TEST(DaxFailureTest, TheNameCountsWhereTheCodesSayNothing) {
  EXPECT_EQ(failure_of(Method::GetItem, {4, 99}, "ThrottlingException").again, Again::Throttling);
  EXPECT_EQ(failure_of(Method::GetItem, {4, 37, 38, 39, 99}, "AccessDeniedException").error.code,
            ErrorCode::AccessDenied);
}

TEST(DaxFailureTest, TheServersOwnFailureIsTriedAgainAndMayHaveBeenDone) {
  for (const Codes& codes : {Codes{1, 37, 38, 53}, {1, 37, 38, 55}, {1}, {2, 99}}) {
    for (const Method method : kWrites) {
      const Failure failure = failure_of(method, codes);
      EXPECT_EQ(failure.again, Again::Transient);
      EXPECT_TRUE(failure.maybe_done);
      EXPECT_EQ(failure.error.code, ErrorCode::ConnectionFailed) << "the cluster's own";
    }
  }
}

TEST(DaxFailureTest, TheServicesFailureIsNotTheClusters) {
  EXPECT_EQ(failure_of(Method::GetItem, {1, 37, 38, 39, 47}).error.code, ErrorCode::Unavailable);
  EXPECT_EQ(failure_of(Method::GetItem, {1, 99}, "InternalServerError").error.code, ErrorCode::Unavailable);
  EXPECT_EQ(failure_of(Method::GetItem, {3, 37, 54}).error.code, ErrorCode::ConnectionFailed);
}

TEST(DaxFailureTest, WhatTheServerSaysIsForGoodIsNotTriedAgainAndMayHaveBeenDone) {
  for (const Codes& codes : {Codes{3, 37, 54}, {3}, {3, 37, 38, 39, 47}}) {
    const Failure failure = failure_of(Method::UpdateItem, codes);
    EXPECT_EQ(failure.again, Again::Never);
    EXPECT_TRUE(failure.maybe_done);
  }
}

TEST(DaxFailureTest, AKnownNameSaysWhetherItWasDoneWhosesoeverTheFailureIs) {
  for (const std::int64_t whose : {1, 2, 3, 4, 5}) {
    EXPECT_FALSE(failure_of(Method::PutItem, {whose, 37, 38, 39, 50}).maybe_done) << whose;
    EXPECT_FALSE(failure_of(Method::PutItem, {whose, 37, 38, 39, 43}).maybe_done) << whose;
    EXPECT_TRUE(failure_of(Method::PutItem, {whose, 37, 38, 39, 47}).maybe_done) << whose;
  }
  EXPECT_EQ(failure_of(Method::PutItem, {3, 37, 38, 39, 50}).again, Again::Never);
}

TEST(DaxFailureTest, AClientsErrorIsFinalAndWasNotDone) {
  const Failure failure = failure_of(Method::UpdateItem, {4, 99, 98});
  EXPECT_EQ(failure.again, Again::Never);
  EXPECT_FALSE(failure.maybe_done);
  EXPECT_EQ(failure.error.code, ErrorCode::InvalidArgument);
  EXPECT_EQ(failure.error.message, "UpdateItem failed: the cluster answered with error 4,99,98 (\"no\")");
}

TEST(DaxFailureTest, AnUnknownKindOfErrorLeavesAWriteUnknown) {
  for (const Codes& codes : {Codes{5}, {0}, {-1}, {INT64_MAX, INT64_MIN}}) {
    const Failure failure = failure_of(Method::UpdateItem, codes);
    EXPECT_TRUE(failure.maybe_done);
    EXPECT_EQ(failure.again, Again::Never);
    EXPECT_EQ(failure.error.code, ErrorCode::ProtocolError);
  }
}

TEST(DaxFailureTest, AnAuthorizationThatIsNotTakenIsRenewedOnceAndNothingWasDone) {
  for (const Codes& codes : {Codes{4, 23, 31, 33}, {4, 23, 31, 32}, {4, 23, 31, 34}, {1, 23, 31, 33}}) {
    for (const Method method : kWrites) {
      const Failure failure = failure_of(method, codes);
      EXPECT_EQ(failure.again, Again::Credentials);
      EXPECT_FALSE(failure.maybe_done);
      EXPECT_EQ(failure.error.code, ErrorCode::AccessDenied);
    }
  }
  EXPECT_EQ(failure_of(Method::GetItem, {4, 23, 31, 32}, "ExpiredTokenException").error.code,
            ErrorCode::CredentialsExpired);
}

TEST(DaxFailureTest, ACancelledTransactionNamesTheItemThatRefusedEachOperation) {
  const Failure failure = failure_of(
      Method::TransactWriteItems,
      cancelled("86 64 4e6f6e65 f6 f6 76 436f6e646974696f6e616c436865636b4661696c6564 62 6e6f 42 02 05"));
  EXPECT_TRUE(failure.refused);
  EXPECT_FALSE(failure.maybe_done);
  ASSERT_EQ(failure.reasons.size(), 2u);
  EXPECT_EQ(failure.reasons[0].code, "None");
  EXPECT_EQ(failure.reasons[0].item, std::nullopt);
  EXPECT_EQ(failure.reasons[1].code, "ConditionalCheckFailed");
  EXPECT_EQ(failure.reasons[1].item, (Item{kKeys[1], {{"n", Value::number(std::int64_t{5})}}}));
}

TEST(DaxFailureTest, TheNamesOfARefusingItemMayHaveToBeAskedFor) {
  AttributeLists lists;
  ReplyNames names(lists);
  const std::string reply =
      cancelled("86 64 4e6f6e65 f6 f6 76 436f6e646974696f6e616c436865636b4661696c6564 62 6e6f 42 09 05");
  EXPECT_FALSE(understand(Method::TransactWriteItems, reply, kKeys, names));
  EXPECT_EQ(names.missing(), std::vector{ListId{9}});
}

TEST(DaxFailureTest, ATransactionThatMetAnotherIsTriedAgain) {
  const Failure failure = failure_of(
      Method::TransactWriteItems, cancelled("86 f6 f6 f6 73 5472616e73616374696f6e436f6e666c696374 f6 f6"));
  EXPECT_FALSE(failure.refused);
  EXPECT_EQ(failure.again, Again::Conflict);
  EXPECT_FALSE(failure.maybe_done);
}

TEST(DaxFailureTest, AnErrorThatCannotBeReadLeavesAWriteUnknown) {
  const std::string replies[] = {from_hex("81 61 61 60 f6"), from_hex("81 04 00 f6"),
                                 from_hex("81 04 60 00"),    from_hex("81 04 60 f6 00"),
                                 from_hex("81 04 60"),       cancelled("81 f6"),
                                 cancelled("83 f6 f6 00"),   cancelled("89 f6 f6 f6 f6 f6 f6 f6 f6 f6")};
  for (const std::string& reply : replies) {
    const Failure failure = failure_of(Method::TransactWriteItems, reply);
    EXPECT_EQ(failure.error.code, ErrorCode::ProtocolError) << to_hex(reply);
    EXPECT_TRUE(failure.maybe_done) << to_hex(reply);
    EXPECT_EQ(failure.again, Again::Transient) << to_hex(reply);
  }
}

TEST(DaxFailureTest, AServersLongMessageIsCut) {
  const Failure failure = failure_of(Method::GetItem, error_reply({4, 99}, {}, std::string(5000, 'x')));
  EXPECT_LT(failure.error.message.size(), 500u);
}

TEST(DaxFailureTest, WhatNeverWentOutWasNotDoneAndWhatWentOutMayHaveBeen) {
  const Error lost{ErrorCode::ConnectionFailed, "reset", true, nullptr};
  EXPECT_FALSE(unanswered(Method::PutItem, lost, false).maybe_done);
  EXPECT_TRUE(unanswered(Method::PutItem, lost, true).maybe_done);
  EXPECT_EQ(unanswered(Method::PutItem, lost, true).again, Again::Transient);
  EXPECT_EQ(unanswered(Method::PutItem, lost, true).error.message, "PutItem: reset");
  for (const ErrorCode code :
       {ErrorCode::Cancelled, ErrorCode::NoCredentials, ErrorCode::CredentialsExpired}) {
    EXPECT_EQ(unanswered(Method::PutItem, Error{code, "m", false, nullptr}, false).again, Again::Never);
  }
  EXPECT_EQ(unanswered(Method::GetItem, Error{ErrorCode::TlsFailed, "m", false, nullptr}, false).again,
            Again::Never);
  EXPECT_EQ(unanswered(Method::GetItem, Error{ErrorCode::TlsFailed, "m", true, nullptr}, false).again,
            Again::Transient);
}

TEST(DaxFailureTest, AWriteWhoseFateIsOpenEndsUnknownWhateverTheClusterSaysLast) {
  for (const Method method : kWrites) {
    table::service::Certainty certainty(*operation_of(method));
    certainty.add(failure_of(method, {1, 37, 38, 53}));
    Failure last = failure_of(method, {4, 37, 38, 39, 50});
    certainty.add(last);
    certainty.conclude(last);
    EXPECT_EQ(last.error.code, ErrorCode::OutcomeUnknown) << to_string(method);
  }
}

TEST(DaxFailureTest, ANodeThatFindsARepetitionInvalidSaysNothingOfTheSendingBefore) {
  for (const Method method : kWrites) {
    table::service::Certainty certainty(*operation_of(method));
    certainty.add(unanswered(method, Error{ErrorCode::ConnectionFailed, "m", true, nullptr}, true));
    Failure last = failure_of(method, {4, 37, 38, 39, 46}, "ValidationException");
    EXPECT_EQ(last.error.code, ErrorCode::InvalidArgument);
    certainty.add(last);
    certainty.conclude(last);
    EXPECT_EQ(last.error.code, ErrorCode::OutcomeUnknown) << to_string(method);
  }
}

TEST(DaxFailureTest, ARepeatedSingleWriteThatIsRefusedMayHaveBeenAppliedAndATransactionsRefusalSettlesIt) {
  for (const Method method : kWrites) {
    const bool single = method != Method::TransactWriteItems;
    if (method == Method::BatchWriteItem) continue;
    table::service::Certainty certainty(*operation_of(method));
    certainty.add(unanswered(method, Error{ErrorCode::ConnectionFailed, "m", true, nullptr}, true));
    Failure last =
        single ? failure_of(method, {4, 37, 38, 39, 43})
               : failure_of(method, cancelled("86 76 436f6e646974696f6e616c436865636b4661696c6564 f6 f6"
                                              "64 4e6f6e65 f6 f6"));
    certainty.add(last);
    certainty.conclude(last);
    EXPECT_TRUE(last.refused) << to_string(method);
    EXPECT_EQ(last.maybe_done, single) << to_string(method);
  }
}

TEST(DaxFailureTest, AReadIsNeverUnknown) {
  for (const Method method : kReads) {
    table::service::Certainty certainty(*operation_of(method));
    Failure last = failure_of(method, {1, 37, 38, 53});
    certainty.add(last);
    certainty.conclude(last);
    EXPECT_EQ(last.error.code, ErrorCode::ConnectionFailed) << to_string(method);
  }
}

}  // namespace loopstate::dax
