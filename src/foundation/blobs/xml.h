// The little XML that S3 answers with: a tree of elements with text, attributes skipped. Used by s3_client and
// s3_store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::blobs {

struct XmlElement {
  std::string name;  // as written, with its prefix if it has one
  std::string text;  // of the element itself, references replaced
  std::vector<XmlElement> children;

  // The text of the first child of that name, "" when there is none.
  std::string_view child_text(std::string_view child) const;
};

// The document's root. Throws invalid_argument for what is not well formed, for a document type (nothing S3 sends has
// one) and for nesting over 32.
XmlElement parse_xml(std::string_view document);

}  // namespace slipway::blobs
