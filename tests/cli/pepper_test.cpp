// The pepper as a person meets it: doctor, the agent's start, pepper status and finish, card fingerprint.
#include <gmock/gmock.h>

#include "cli/run_program.hpp"
#include "crypto/hash.hpp"
#include "crypto/hmac.hpp"

namespace loopstate::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPepper = "0123456789abcdef0123456789abcdef";
constexpr const char* kPepperText = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr const char* kOtherPepperText = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
constexpr const char* kCheckOfNone = "00000000";

using Environment = std::map<std::string, std::string>;

class PepperCommands : public CliTest {
 protected:
  Ran run(std::vector<std::string> arguments, Environment environment, std::string input = "") const {
    environment["LOOPSTATE_URL"] = url();
    return run_program({std::move(arguments), std::move(input), std::move(environment)});
  }
  static Environment square(Environment more = {}) {
    more.insert({{"SQUARE_WEBHOOK_SIGNATURE_KEY", "the-key"},
                 {"SQUARE_WEBHOOK_URL", "https://example.com/webhooks/square"},
                 {"LOOPSTATE_PEPPER", kPepperText}});
    return more;
  }
  /// What an agent writes, as an export has it; and a card that was linked at `linked_at`.
  void place_pepper(std::string_view current, std::string_view previous, std::string_view linked_at) {
    std::string lines =
        R"({"pk":{"S":"PEPPER#"},"sk":{"S":"CHECK"},"salt":{"S":"s"},"since":{"N":"1700000000"},"current":{"S":")" +
        std::string(current) + "\"}";
    if (!previous.empty()) lines += R"(,"previous":{"S":")" + std::string(previous) + "\"}";
    lines += "}\n";
    lines += R"({"pk":{"S":"CARD#fp1"},"sk":{"S":"META"},"fingerprint":{"S":"fp1"},"user_pubkey":{"S":"U1"},)"
             R"("card_last4":{"S":"4242"},"linked_at":{"N":")" +
             std::string(linked_at) + "\"}}\n";
    json(kDone, {"import", write_file("items", lines)});
  }
};

TEST_F(PepperCommands, DoctorSaysWhichProvidersAreOn) {
  json(kDone, {"init"});
  const auto ran = run({"doctor"}, square());
  EXPECT_EQ(ran.status, kDone) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("square: on, with 1 secret"));
  EXPECT_THAT(ran.out, HasSubstr("stripe: not set up"));
  EXPECT_THAT(ran.out, HasSubstr("pepper: this store has no check value of a pepper yet"));
  EXPECT_THAT(ran.out, Not(HasSubstr("the-key")));
  EXPECT_THAT(ran.out, Not(HasSubstr(kPepperText)));
}

TEST_F(PepperCommands, DoctorFindsWhatKeepsTheAgentFromStarting) {
  json(kDone, {"init"});
  const auto expect_bad = [&](Environment environment, std::string_view why) {
    const auto ran = run({"doctor"}, environment);
    EXPECT_EQ(ran.status, kFailed) << ran.out;
    EXPECT_THAT(ran.out, HasSubstr(why));
    EXPECT_NE(run({"agent", "--listen", "127.0.0.1:0"}, environment).status, kDone);
  };
  expect_bad(square({{"LOOPSTATE_PEPPER_FILE", "/there/is/none"}}),
             "LOOPSTATE_PEPPER and LOOPSTATE_PEPPER_FILE");
  expect_bad(square({{"STRIPE_WEBHOOK_SECRET_FILE", "/there/is/none"}}), "cannot be read");
  expect_bad(square({{"LOOPSTATE_LOG_LEVEL", "loud"}}), "LOOPSTATE_LOG_LEVEL");
  expect_bad(square({{"LOOPSTATE_KEEP_UNKNOWN_SECONDS", "soon"}}), "LOOPSTATE_KEEP_UNKNOWN_SECONDS");
  expect_bad(square({{"LOOPSTATE_PREVIOUS_PEPPER", "c2hvcnQ="}}), "LOOPSTATE_PREVIOUS_PEPPER");
}

TEST_F(PepperCommands, DoctorWarnsOfWhatTheAgentWouldSwitchOff) {
  json(kDone, {"init"});
  const auto ran = run({"doctor"}, {{"STRIPE_WEBHOOK_SECRET", "whsec_x"},
                                    {"FIDEL_WEBHOOK_SECRET_CLEARING", "f"},
                                    {"FIDEL_WEBHOOK_URL", "http://example.com/fidel"},
                                    {"SQUARE_WEBHOOK_SIGNATURE_KEY", "k"},
                                    {"LOOPSTATE_PEPPER", kPepperText}});
  EXPECT_EQ(ran.status, kDone) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("square is switched off: SQUARE_WEBHOOK_URL is not set"));
  EXPECT_THAT(ran.out, HasSubstr("FIDEL_WEBHOOK_URL: it names a URL that does not begin with https://"));
  EXPECT_THAT(ran.out, HasSubstr("stripe: on, with 1 secret"));
}

TEST_F(PepperCommands, AnotherStoresPepperIsRefusedByTheAgentAndFoundByDoctor) {
  place_pepper(kCheckOfNone, "", "1600000000");
  const auto doctor = run({"doctor"}, square());
  EXPECT_EQ(doctor.status, kFailed) << doctor.out;
  EXPECT_THAT(doctor.out, HasSubstr("is not the one under which this store's cards are linked"));
  const auto agent = run({"agent", "--listen", "127.0.0.1:0"}, square());
  EXPECT_EQ(agent.status, kMisused);
  EXPECT_THAT(agent.err, HasSubstr("is not the one under which this store's cards are linked"));
  const auto fingerprint = run({"card", "fingerprint"}, square(), "sq0-card");
  EXPECT_EQ(fingerprint.status, kMisused) << fingerprint.out;
}

TEST_F(PepperCommands, StatusCountsTheCardsThatNeedThePreviousOne) {
  json(kDone, {"init"});
  EXPECT_FALSE(json(kDone, {"pepper", "status"}).boolean({"used"}));
  place_pepper("aaaaaaaa", "bbbbbbbb", "1600000000");
  const auto status = json(kDone, {"pepper", "status"});
  EXPECT_TRUE(status.boolean({"moving"}));
  EXPECT_EQ(status.number({"cards"}), 1);
  EXPECT_EQ(status.number({"need_previous"}), 1);
  EXPECT_EQ(json(kRefused, {"pepper", "finish"}).number({"need_previous"}), 1);
  EXPECT_TRUE(json(kDone, {"pepper", "status"}).boolean({"moving"}));
  EXPECT_FALSE(json(kDone, {"pepper", "finish", "--abandon"}).boolean({"moving"}));
}

TEST_F(PepperCommands, FinishEndsTheMoveOnceNoCardNeedsThePreviousOne) {
  place_pepper("aaaaaaaa", "bbbbbbbb", "1700000001");
  EXPECT_THAT(text({"pepper", "status"}).out, HasSubstr("run 'loopstate pepper finish'"));
  EXPECT_FALSE(json(kDone, {"pepper", "finish"}).boolean({"moving"}));
  EXPECT_THAT(text({"pepper", "status"}).out, HasSubstr("no card needs another"));
}

TEST_F(PepperCommands, ACardLinkedInTheSecondOfTheChangeMayNeedThePreviousOne) {
  place_pepper("aaaaaaaa", "bbbbbbbb", "1700000000");
  EXPECT_EQ(json(kRefused, {"pepper", "finish"}).number({"need_previous"}), 1);
}

TEST_F(PepperCommands, AFingerprintIsMadeFromStandardInput) {
  const auto expected = "loop_fp_" + crypto::hex(crypto::hmac_sha256(kPepper, "sq0-card"));
  const auto ran = run({"card", "fingerprint"}, {{"LOOPSTATE_PEPPER", kPepperText}}, "sq0-card\n");
  EXPECT_EQ(ran.status, kDone) << ran.err;
  EXPECT_EQ(ran.out, expected + "\n");
  EXPECT_EQ(run({"card", "fingerprint", "sq0-card"}, {{"LOOPSTATE_PEPPER", kPepperText}}).out,
            expected + "\n");
  const auto both =
      run({"--json", "card", "fingerprint"},
          {{"LOOPSTATE_PEPPER", kOtherPepperText}, {"LOOPSTATE_PREVIOUS_PEPPER", kPepperText}}, "sq0-card");
  EXPECT_THAT(both.out, HasSubstr("\"previous_fingerprint\":\"" + expected + "\""));
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

TEST_F(PepperCommands, ANumberIsNotReadFromTheCommandLineAndNeverPrinted) {
  const Environment pepper{{"LOOPSTATE_PEPPER", kPepperText}};
  const auto refused = run({"card", "fingerprint", "0000 0000-0000 0000"}, pepper);
  EXPECT_EQ(refused.status, kMisused);
  EXPECT_THAT(refused.err + refused.out, Not(HasSubstr("0000")));
  const auto piped = run({"card", "fingerprint"}, pepper, "0000000000000000");
  EXPECT_EQ(piped.status, kDone);
  EXPECT_THAT(piped.out + piped.err, Not(HasSubstr("0000000000000000")));
  EXPECT_EQ(run({"card", "fingerprint"}, pepper, " \n").status, kMisused);
  EXPECT_EQ(run({"card", "fingerprint"}, pepper, "a\nb\n").status, kMisused);
  EXPECT_EQ(run({"card", "fingerprint"}, {}, "sq0-card").status, kMisused) << "no pepper";
}

}  // namespace
}  // namespace loopstate::cli_test
