// The canonical form of a request, which Signature Version 4 signs.
// Source: "Create a signed AWS API request" in the AWS Identity and Access Management user guide; vectors:
// tests/fixtures/sigv4.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loopstate::aws {

/// How to treat the path's percent-encoding. Every service but S3 encodes what is on the wire once more.
enum class PathEncoding : bool { AsSent, OnceMore };

struct RequestToSign {
  std::string_view method = "POST";
  std::string_view path = "/";  ///< as on the wire, without the query
  std::string_view query;       ///< as on the wire, without "?"
  /// Everything to be signed, including `Host`. Names in any case.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  PathEncoding path_encoding = PathEncoding::OnceMore;
  bool normalise_path = true;  ///< resolve "." and "..", drop empty segments
};

struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  ///< "host;x-amz-date"
};

CanonicalRequest canonical_request(const RequestToSign& request);

/// Percent-encodes everything but `A-Z a-z 0-9 - . _ ~`, and "/" too unless it is kept.
std::string uri_encode(std::string_view text, bool keep_slash);

}  // namespace loopstate::aws
