#include "webhook/secret_variable.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include "base/try.hpp"

namespace loopstate::webhook {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

std::unexpected<Error> unreadable(std::string_view variable, const std::string& path, int number) {
  return fail(ErrorCode::StorageFailure, fmt::format("{} names {}, which cannot be read: {}", variable, path,
                                                     std::generic_category().message(number)));
}

Result<crypto::Secret> read_file(std::string_view variable, const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(variable, path, errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // no second copy of the secret in a buffer
  std::string content(kFileBytesMax + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  const int number = errno;
  crypto::Secret secret(std::move(content));
  if (std::ferror(file.get()) != 0) return unreadable(variable, path, number);
  if (secret.size() > kFileBytesMax) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} names {}, which is over {} bytes long", variable, path, kFileBytesMax));
  }
  return secret;
}

std::optional<crypto::Secret> unless_empty(const crypto::Secret& secret) {
  const auto text = trim(secret.reveal());
  if (text.empty()) return std::nullopt;
  return crypto::Secret::copy_of(text);
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Result<std::optional<crypto::Secret>> secret_variable(const Environment& environment, std::string_view name) {
  const crypto::Secret value(environment(name).value_or(""));
  auto set = unless_empty(value);
  const auto file_variable = fmt::format("{}_FILE", name);
  const auto path = environment(file_variable).value_or("");
  if (path.empty()) return set;
  if (set) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} and {} are both set; set one of them", name, file_variable));
  }
  TRY(const auto content, read_file(file_variable, path));
  return unless_empty(content);
}

std::vector<crypto::Secret> split_list(const crypto::Secret& list) {
  std::vector<crypto::Secret> elements;
  auto rest = list.reveal();
  while (true) {
    const auto comma = rest.find(',');
    elements.push_back(crypto::Secret::copy_of(trim(rest.substr(0, comma))));
    if (comma == rest.npos) return elements;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace loopstate::webhook
