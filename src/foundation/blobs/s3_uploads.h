// S3's calls for a blob in parts. Used by s3_writer, which cuts one stream, and by s3_store for parts that others send.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/s3_client.h"

namespace slipway::blobs {

// The id of the new upload. `headers` say how the object is to be kept.
std::string begin_s3_parts(S3Client& client, const std::string& key,
                           std::vector<std::pair<std::string, std::string>> headers = {});
// `content` has a body or a stream; returns the part's ETag.
std::string send_s3_part(S3Client& client, const PartedUpload& upload, int number, S3Request content);
void finish_s3_parts(S3Client& client, const PartedUpload& upload, const std::vector<UploadedPart>& parts);
void abort_s3_parts(S3Client& client, const PartedUpload& upload);

}  // namespace slipway::blobs
