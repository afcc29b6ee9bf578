#include "table/service/certainty.hpp"

#include <gtest/gtest.h>

namespace loopstate::table::service {

namespace {

/// A sending that nobody answered.
Failure unanswered() {
  Failure out;
  out.error = Error{ErrorCode::ConnectionFailed, "lost", true, nullptr};
  out.maybe_done = true;
  return out;
}

/// The service's answer that it did nothing.
Failure answered(std::string type, ErrorCode code) {
  Failure out;
  out.type = std::move(type);
  out.error = Error{code, "m", false, nullptr};
  return out;
}

Failure refused() {
  Failure out = answered("ConditionalCheckFailedException", ErrorCode::AlreadyExists);
  out.refused = true;
  return out;
}

Failure throttled() {
  return answered("ThrottlingException", ErrorCode::Throttled);
}

/// What a caller is told after these sendings, one after the other.
Failure concluded(Operation operation, const std::vector<Failure>& sendings) {
  Certainty certainty(operation);
  for (const Failure& failure : sendings) certainty.add(failure);
  Failure last = sendings.back();
  certainty.conclude(last);
  return last;
}

ErrorCode code_of(Operation operation, const std::vector<Failure>& sendings) {
  return concluded(operation, sendings).error.code;
}

constexpr Operation kWrites[] = {Operation::PutItem, Operation::UpdateItem, Operation::DeleteItem,
                                 Operation::TransactWriteItems, Operation::BatchWriteItem};

}  // namespace

TEST(CertaintyTest, AWriteThatIsNotAnsweredForIsUnknownWhateverComesLast) {
  const Failure lasts[] = {throttled(),
                           unanswered(),
                           answered("AccessDeniedException", ErrorCode::AccessDenied),
                           answered("ExpiredTokenException", ErrorCode::CredentialsExpired),
                           answered("InvalidSignatureException", ErrorCode::ClockSkew),
                           answered("ResourceNotFoundException", ErrorCode::TableNotFound),
                           answered("TransactionConflictException", ErrorCode::Unavailable),
                           answered("", ErrorCode::ConnectionFailed),
                           answered("", ErrorCode::DeadlineExceeded),
                           answered("", ErrorCode::Cancelled),
                           answered("", ErrorCode::NoCredentials),
                           answered("", ErrorCode::InvalidArgument)};
  for (const Operation operation : kWrites) {
    for (const Failure& last : lasts) {
      EXPECT_EQ(code_of(operation, {unanswered(), last}), ErrorCode::OutcomeUnknown)
          << to_string(operation) << " " << last.type << " " << to_string(last.error.code);
    }
  }
}

TEST(CertaintyTest, ASilentSecondSendingLeavesTheFirstUnansweredFor) {
  Failure last = throttled();
  last.sent_before = true;
  for (const Operation operation : kWrites) {
    EXPECT_EQ(code_of(operation, {last}), ErrorCode::OutcomeUnknown) << to_string(operation);
  }
}

TEST(CertaintyTest, WhatWasOnlyEverTurnedAwayKeepsItsError) {
  for (const Operation operation : kWrites) {
    EXPECT_EQ(code_of(operation, {throttled(), throttled()}), ErrorCode::Throttled) << to_string(operation);
    EXPECT_FALSE(concluded(operation, {throttled()}).maybe_done);
  }
}

TEST(CertaintyTest, AReadIsNeverUnknown) {
  for (const Operation operation : {Operation::GetItem, Operation::Query, Operation::CreateTable}) {
    EXPECT_EQ(code_of(operation, {unanswered(), throttled()}), ErrorCode::Throttled) << to_string(operation);
  }
}

TEST(CertaintyTest, ASingleWritesRefusalStaysOneAndSaysThatAnEarlierSendingMayHaveDoneIt) {
  for (const Operation operation : {Operation::PutItem, Operation::UpdateItem, Operation::DeleteItem}) {
    const Failure last = concluded(operation, {unanswered(), throttled(), refused()});
    EXPECT_TRUE(last.refused && last.maybe_done) << to_string(operation);
    EXPECT_EQ(last.error.code, ErrorCode::AlreadyExists);
    EXPECT_FALSE(concluded(operation, {throttled(), refused()}).maybe_done);
  }
}

TEST(CertaintyTest, ATransactionsRefusalUnderItsTokenSettlesItsEarlierSendings) {
  const Failure last = concluded(Operation::TransactWriteItems, {unanswered(), refused()});
  EXPECT_TRUE(last.refused);
  EXPECT_FALSE(last.maybe_done);
}

TEST(CertaintyTest, ATransactionThatMetAnotherAfterAnUnansweredSendingIsUnknown) {
  EXPECT_EQ(code_of(Operation::TransactWriteItems,
                    {unanswered(), answered("TransactionCanceledException", ErrorCode::Unavailable)}),
            ErrorCode::OutcomeUnknown);
}

TEST(CertaintyTest, ARequestThatTheServiceFindsInvalidWasNeverDone) {
  for (const Operation operation : {Operation::PutItem, Operation::DeleteItem, Operation::BatchWriteItem,
                                    Operation::TransactWriteItems}) {
    for (const ErrorCode code : {ErrorCode::InvalidArgument, ErrorCode::ItemTooLarge}) {
      EXPECT_EQ(code_of(operation, {unanswered(), answered("ValidationException", code)}), code)
          << to_string(operation);
    }
  }
}

TEST(CertaintyTest, AnUpdateThatDoesNotFitTheItemNowMayHaveFittedBefore) {
  EXPECT_EQ(code_of(Operation::UpdateItem,
                    {unanswered(), answered("ValidationException", ErrorCode::ItemTooLarge)}),
            ErrorCode::OutcomeUnknown);
}

TEST(CertaintyTest, WhatIsSentAgainAfterBeingSettledMayBeUnknownAgain) {
  EXPECT_EQ(code_of(Operation::TransactWriteItems, {unanswered(), refused(), unanswered()}),
            ErrorCode::OutcomeUnknown);
}

}  // namespace loopstate::table::service
