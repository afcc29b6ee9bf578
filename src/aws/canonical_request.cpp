#include "aws/canonical_request.hpp"

#include <algorithm>
#include <map>

#include "base/ascii.hpp"
#include "crypto/hash.hpp"

namespace loopstate::aws {
namespace {

constexpr bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// Trimmed, and every run of white space (including line folds) becomes one space.
std::string squeeze(std::string_view value) {
  std::string squeezed;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !squeezed.empty();
      continue;
    }
    if (gap) squeezed += ' ';
    gap = false;
    squeezed += c;
  }
  return squeezed;
}

std::string normalised(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool ends_in_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto segment = path.substr(at, end - at);
    at = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string result;
  for (const auto segment : segments) result.append("/").append(segment);
  if (result.empty() || ends_in_slash) result += '/';
  return result;
}

std::string canonical_path(const RequestToSign& request) {
  std::string path = request.normalise_path ? normalised(request.path) : std::string(request.path);
  if (path.empty()) path.push_back('/');
  if (request.path_encoding == PathEncoding::OnceMore) return uri_encode(path, true);
  // What is already encoded stays as it is.
  std::string encoded;
  for (const char c : path) {
    if (c == '%') {
      encoded += c;
    } else {
      encoded += uri_encode(std::string_view(&c, 1), true);
    }
  }
  return encoded;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string uri_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// Sorted by name, then by value, both encoded.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (std::size_t at = 0; at < query.size();) {
    const auto end = std::min(query.find('&', at), query.size());
    const auto parameter = query.substr(at, end - at);
    at = end + 1;
    if (parameter.empty()) continue;
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto value = equals < parameter.size() ? parameter.substr(equals + 1) : std::string_view();
    parameters.emplace_back(uri_encode(uri_decode(parameter.substr(0, equals)), false),
                            uri_encode(uri_decode(value), false));
  }
  std::ranges::sort(parameters);
  std::string canonical;
  for (const auto& [name, value] : parameters) {
    if (!canonical.empty()) canonical += '&';
    canonical.append(name).append("=").append(value);
  }
  return canonical;
}

// Names in lower case and in order, values already canonical, and nothing requested but the root:
// what our own requests look like.
bool is_canonical(const RequestToSign& request) {
  if (request.path != "/" || !request.query.empty()) return false;
  std::string_view before;
  for (const auto& [name, value] : request.headers) {
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (name <= before || std::ranges::any_of(name, is_upper)) return false;
    char last = ' ';
    for (const char c : value) {
      if (c == '\t' || c == '\r' || c == '\n' || (c == ' ' && last == ' ')) return false;
      last = c;
    }
    if (!value.empty() && last == ' ') return false;
    before = name;
  }
  return true;
}

// `headers`: pairs of a name and its value, in the order of the names.
CanonicalRequest joined(const RequestToSign& request, std::string_view path, std::string_view query,
                        const auto& headers) {
  CanonicalRequest canonical;
  auto& text = canonical.text;
  text.reserve(512);
  text.append(request.method).append("\n");
  text.append(path).append("\n");
  text.append(query).append("\n");
  for (const auto& [name, value] : headers) {
    text.append(name).append(":").append(value).append("\n");
    if (!canonical.signed_headers.empty()) canonical.signed_headers += ';';
    canonical.signed_headers += name;
  }
  text.append("\n").append(canonical.signed_headers).append("\n");
  text.append(crypto::hex(crypto::sha256(request.body)));
  return canonical;
}

}  // namespace

std::string uri_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

CanonicalRequest canonical_request(const RequestToSign& request) {
  if (is_canonical(request)) return joined(request, "/", "", request.headers);
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) {
    auto [place, is_new] = headers.try_emplace(ascii_lower(name), squeeze(value));
    if (!is_new) place->second.append(",").append(squeeze(value));
  }
  return joined(request, canonical_path(request), canonical_query(request.query), headers);
}

}  // namespace loopstate::aws
