// Signature Version 4 against the published test suite (tests/fixtures/sigv4).
#include "aws/signer.hpp"
#include "times.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace loopstate::aws {
namespace {

namespace fs = std::filesystem;

const fs::path kSuite = fs::path(LOOPSTATE_FIXTURES) / "sigv4";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A text member of the case's context.json, wherever it is; the suite's files are flat enough for that.
std::string text_member(const std::string& json, const std::string& name) {
  const auto at = json.find('"' + name + '"');
  if (at == std::string::npos) return "";
  const auto first = json.find('"', json.find(':', at)) + 1;
  return json.substr(first, json.find('"', first) - first);
}

bool flag(const std::string& json, const std::string& name) {
  const auto at = json.find('"' + name + '"');
  return at != std::string::npos &&
         json.compare(json.find_first_not_of(": ", at + name.size() + 2), 4, "true") == 0;
}

// "2015-08-30T12:36:00Z" in the header's form.
std::string compact(std::string timestamp) {
  std::erase(timestamp, '-');
  std::erase(timestamp, ':');
  return timestamp;
}

// One case: its request, and what it says about the signer.
struct Case {
  std::string name, method, path, query, body, token, date, region, service;
  std::vector<std::pair<std::string, std::string>> headers;
  bool normalise = true, sign_body = false, omit_token = false;
  Credentials credentials;
};

void read_request(const std::string& text, Case& test) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  test.method = line.substr(0, line.find(' '));
  const auto first = line.find(' ') + 1;
  const auto target = line.substr(first, line.rfind(' ') - first);
  const auto mark = target.find('?');
  test.path = target.substr(0, mark);
  if (mark != std::string::npos) test.query = target.substr(mark + 1);
  while (std::getline(lines, line) && !line.empty()) {
    if (line.front() == ' ') {
      test.headers.back().second += "\n" + line;
    } else {
      test.headers.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
    }
  }
  std::stringstream rest;
  rest << lines.rdbuf();
  test.body = rest.str();
}

Case read_case(const std::string& name) {
  Case test;
  test.name = name;
  const auto context = read(kSuite / name / "context.json");
  read_request(read(kSuite / name / "request.txt"), test);
  test.token = text_member(context, "token");
  test.date = compact(text_member(context, "timestamp"));
  if (context.empty()) test.date = "20210511T154045Z";  // two cases only publish a canonical request
  test.region = text_member(context, "region");
  test.service = text_member(context, "service");
  test.normalise = flag(context, "normalize");
  test.sign_body = flag(context, "sign_body");
  test.omit_token = flag(context, "omit_session_token");
  test.credentials.access_key_id = text_member(context, "access_key_id");
  test.credentials.secret_access_key = crypto::Secret(text_member(context, "secret_access_key"));
  std::erase_if(test.headers, [](const auto& header) {
    return header.first == "X-Amz-Date" || header.first == "X-amz-date";
  });
  test.headers.emplace_back("X-Amz-Date", test.date);
  if (!test.token.empty() && !test.omit_token) test.headers.emplace_back("X-Amz-Security-Token", test.token);
  if (test.sign_body) {
    test.headers.emplace_back("X-Amz-Content-Sha256", crypto::hex(crypto::sha256(test.body)));
  }
  return test;
}

RequestToSign to_sign(const Case& test) {
  RequestToSign request;
  request.method = test.method;
  request.path = test.path;
  request.query = test.query;
  request.body = test.body;
  request.normalise_path = test.normalise;
  // The suite's other paths are already encoded once in their files.
  request.path_encoding = test.name.starts_with("double-") ? PathEncoding::OnceMore : PathEncoding::AsSent;
  for (const auto& [name, value] : test.headers) request.headers.emplace_back(name, value);
  return request;
}

class SignatureSuite : public testing::TestWithParam<std::string> {};

TEST_P(SignatureSuite, SignsAsPublished) {
  const auto test = read_case(GetParam());
  const auto request = to_sign(test);
  const auto canonical = canonical_request(request);
  EXPECT_EQ(canonical.text, read(kSuite / GetParam() / "header-canonical-request.txt"));
  if (!fs::exists(kSuite / GetParam() / "header-signature.txt")) return;
  Signer signer(test.region, test.service);
  EXPECT_EQ(signer.string_to_sign(canonical, test.date),
            read(kSuite / GetParam() / "header-string-to-sign.txt"));
  const auto authorization = signer.authorization(test.credentials, request, test.date);
  EXPECT_TRUE(authorization.ends_with("Signature=" + read(kSuite / GetParam() / "header-signature.txt")))
      << authorization;
  EXPECT_EQ(signer.authorization(test.credentials, request, test.date), authorization)
      << "with the key remembered";
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kSuite)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Published, SignatureSuite, testing::ValuesIn(case_names()), [](const auto& test) {
  auto name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Signer, SuiteIsComplete) {
  EXPECT_GE(case_names().size(), 38u);
}

TEST(Signer, KeyIsDerivedAnewForAnotherDayAndAnotherSecret) {
  auto test = read_case("get-vanilla");
  const auto request = to_sign(test);
  Signer signer(test.region, test.service);
  const auto first = signer.authorization(test.credentials, request, test.date);
  EXPECT_NE(signer.authorization(test.credentials, request, "20150831T123600Z"), first);
  EXPECT_EQ(signer.authorization(test.credentials, request, test.date), first);
  test.credentials.secret_access_key = crypto::Secret("another");
  EXPECT_NE(signer.authorization(test.credentials, request, test.date), first);
}

TEST(Signer, DateIsUtc) {
  EXPECT_EQ(amz_date(from_unix_seconds(1440938160)), "20150830T123600Z");
}

}  // namespace
}  // namespace loopstate::aws
