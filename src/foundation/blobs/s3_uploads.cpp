#include "foundation/blobs/s3_uploads.h"

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/xml.h"

namespace slipway::blobs {

namespace {

// Either somebody aborted it, or it was finished by a first attempt whose answer got lost.
Error gone(const PartedUpload& upload) {
  return not_found("the upload of blob ", upload.key,
                   " is not under way any more; look whether it is there, or send it again");
}

}  // namespace

std::string begin_s3_parts(S3Client& client, const std::string& key,
                           std::vector<std::pair<std::string, std::string>> headers) {
  S3Request request;
  request.method = "POST";
  request.key = key;
  request.query = {{"uploads", ""}};
  request.headers = std::move(headers);
  std::string id(parse_xml(client.call(request).body).child_text("UploadId"));
  if (id.empty()) throw internal_error("S3 gave no id for the upload of ", key);
  return id;
}

std::string send_s3_part(S3Client& client, const PartedUpload& upload, int number, S3Request content) {
  content.method = "PUT";
  content.key = upload.key;
  content.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
  const http::ClientResponse response = client.send(content);
  if (response.status == 404) throw gone(upload);
  if (response.status / 100 != 2) throw client.error_of(response, upload.key);
  const auto etag = response.headers.find("etag");
  if (!etag) throw internal_error("S3 gave no ETag for a part of ", upload.key);
  return std::string(*etag);
}

void finish_s3_parts(S3Client& client, const PartedUpload& upload, const std::vector<UploadedPart>& parts) {
  std::string body = "<CompleteMultipartUpload>";
  for (const UploadedPart& part : parts) {
    body += text::concat("<Part><PartNumber>", part.number, "</PartNumber><ETag>", text::escape_markup(part.etag),
                         "</ETag></Part>");
  }
  body += "</CompleteMultipartUpload>";
  S3Request request;
  request.method = "POST";
  request.key = upload.key;
  request.query = {{"uploadId", upload.id}};
  request.body = body;
  const http::ClientResponse response = client.send(request);
  if (response.status == 404) throw gone(upload);
  if (response.status / 100 != 2) throw client.error_of(response, upload.key);
  // S3 may begin its answer with 200 and find out later that it failed.
  if (parse_xml(response.body).name == "Error") {
    http::ClientResponse failed = response;
    failed.status = 500;
    throw client.error_of(failed, upload.key);
  }
}

void abort_s3_parts(S3Client& client, const PartedUpload& upload) {
  S3Request request;
  request.method = "DELETE";
  request.key = upload.key;
  request.query = {{"uploadId", upload.id}};
  const http::ClientResponse response = client.send(request);
  if (response.status / 100 != 2 && response.status != 404) throw client.error_of(response, upload.key);
}

}  // namespace slipway::blobs
