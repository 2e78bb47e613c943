#include "protocols/oip/infer_request.h"

#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::oip {

namespace {

constexpr size_t kMaxTensors = 10'000;
constexpr size_t kMaxDimensions = 8;
constexpr uint64_t kMaxElements = uint64_t{1} << 31U;

using Kind = JsonReader::Kind;

std::string read_text(JsonReader& reader, std::string_view key) {
  if (reader.peek() != Kind::kString) throw invalid_argument("'", key, "' must be a string");
  return std::string(reader.read_string());
}

bool read_flag(JsonReader& reader, std::string_view key) {
  if (reader.peek() != Kind::kBoolean) throw invalid_argument("'", key, "' must be true or false");
  return reader.read_boolean();
}

uint64_t read_size(JsonReader& reader, std::string_view key) {
  if (reader.peek() == Kind::kNumber) {
    const JsonReader::Number number = reader.read_number();
    if (number.is_integer && number.integer >= 0) return static_cast<uint64_t>(number.integer);
  }
  throw invalid_argument("'", key, "' must be a whole number, 0 or more");
}

// Walks an object that may also be null; `each` reads the value of each member.
template <typename Each>
void read_object(JsonReader& reader, std::string_view what, const Each& each) {
  if (reader.peek() == Kind::kNull) return reader.read_null();
  if (reader.peek() != Kind::kObject) throw invalid_argument(what, " must be an object");
  std::string key;
  for (reader.begin_object(); reader.next_member(key);) each(key);
}

template <typename Each>
void read_list(JsonReader& reader, std::string_view key, const Each& each) {
  if (reader.peek() == Kind::kNull) return reader.read_null();
  if (reader.peek() != Kind::kArray) throw invalid_argument("'", key, "' must be a list");
  for (reader.begin_array(); reader.next_element();) each();
}

void read_shape(JsonReader& reader, InputTensor& tensor) {
  tensor.shape.clear();
  read_list(reader, "shape", [&] {
    if (tensor.shape.size() == kMaxDimensions)
      throw invalid_argument("a shape of over ", kMaxDimensions, " dimensions");
    tensor.shape.push_back(read_size(reader, "shape"));
  });
}

void read_datatype(JsonReader& reader, InputTensor& tensor) {
  const std::string name = read_text(reader, "datatype");
  const auto type = find_datatype(name);
  if (!type)
    throw invalid_argument("datatype '", name, "' is not known; use BOOL, UINT8 to INT64, FP16, FP32, FP64 or BYTES");
  tensor.datatype = *type;
}

void check_input(InputTensor& tensor, bool has_datatype) {
  if (tensor.name.empty()) throw invalid_argument("an input has no 'name'");
  if (!has_datatype) throw invalid_argument("input '", tensor.name, "' has no 'datatype'");
  if (tensor.shape.empty()) throw invalid_argument("input '", tensor.name, "' has no 'shape'");
  if (tensor.json.empty() == !tensor.binary_size.has_value()) {
    throw invalid_argument("input '", tensor.name, "' must have either 'data' or the parameter 'binary_data_size'");
  }
  tensor.elements = 1;
  for (const uint64_t size : tensor.shape) {
    if (size > kMaxElements || (tensor.elements *= size) > kMaxElements) {
      throw invalid_argument("input '", tensor.name, "' has too large a shape");
    }
  }
}

InputTensor read_input(JsonReader& reader) {
  InputTensor tensor;
  bool has_datatype = false;
  read_object(reader, "an input", [&](const std::string& key) {
    if (key == "name") {
      tensor.name = read_text(reader, key);
    } else if (key == "shape") {
      read_shape(reader, tensor);
    } else if (key == "datatype") {
      read_datatype(reader, tensor);
      has_datatype = true;
    } else if (key == "data") {
      if (reader.peek() != Kind::kArray) throw invalid_argument("'data' must be a list");
      tensor.json = reader.skip();
    } else if (key == "parameters") {
      read_object(reader, "'parameters'", [&](const std::string& name) {
        if (name == "binary_data_size") {
          tensor.binary_size = read_size(reader, name);
        } else {
          reader.skip();
        }
      });
    } else {
      reader.skip();
    }
  });
  check_input(tensor, has_datatype);
  return tensor;
}

// What the parameters of one output say about binary, if anything.
OutputRequest read_output(JsonReader& reader, std::vector<bool>& says_binary) {
  OutputRequest output;
  bool says = false;
  read_object(reader, "an output", [&](const std::string& key) {
    if (key == "name") {
      output.name = read_text(reader, key);
    } else if (key == "parameters") {
      read_object(reader, "'parameters'", [&](const std::string& name) {
        if (name == "binary_data") {
          output.binary = read_flag(reader, name);
          says = true;
        } else {
          reader.skip();
        }
      });
    } else {
      reader.skip();
    }
  });
  if (output.name.empty()) throw invalid_argument("an output has no 'name'");
  says_binary.push_back(says);
  return output;
}

void read_parameters(JsonReader& reader, InferRequest& request) {
  read_object(reader, "'parameters'", [&](const std::string& name) {
    if (name == "binary_data_output") {
      request.binary_outputs = read_flag(reader, name);
    } else if (name == "prediction_ids") {
      read_list(reader, name, [&] { request.prediction_ids.push_back(read_text(reader, name)); });
    } else {
      reader.skip();
    }
  });
}

void attach_binary(InferRequest& request, std::string_view binary) {
  for (InputTensor& tensor : request.inputs) {
    if (!tensor.binary_size) continue;
    if (*tensor.binary_size > binary.size()) {
      throw invalid_argument("input '", tensor.name, "' should have ", *tensor.binary_size, " binary bytes, but ",
                             binary.size(), " are left of the body");
    }
    tensor.binary = binary.substr(0, *tensor.binary_size);
    binary.remove_prefix(*tensor.binary_size);
  }
  if (!binary.empty()) throw invalid_argument(binary.size(), " bytes are left after the binary tensors");
}

InferRequest parse_head(std::string_view json) {
  InferRequest request;
  std::vector<bool> says_binary;
  JsonReader reader(json);
  if (reader.peek() != Kind::kObject) throw invalid_argument("the request must be an object");
  read_object(reader, "the request", [&](const std::string& key) {
    if (key == "id") {
      if (reader.peek() == Kind::kNull) return reader.read_null();
      request.id = read_text(reader, key);
    } else if (key == "parameters") {
      read_parameters(reader, request);
    } else if (key == "inputs") {
      read_list(reader, key, [&] {
        if (request.inputs.size() == kMaxTensors) throw invalid_argument("over ", kMaxTensors, " inputs");
        request.inputs.push_back(read_input(reader));
      });
    } else if (key == "outputs") {
      read_list(reader, key, [&] {
        if (request.outputs.size() == kMaxTensors) throw invalid_argument("over ", kMaxTensors, " outputs");
        request.outputs.push_back(read_output(reader, says_binary));
      });
    } else {
      reader.skip();
    }
  });
  reader.finish();
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    if (!says_binary[i]) request.outputs[i].binary = request.binary_outputs;
  }
  if (request.inputs.empty()) throw invalid_argument("'inputs' is missing or empty");
  return request;
}

}  // namespace

InferRequest parse_infer_request(std::string_view body, std::optional<std::string_view> json_length) {
  size_t length = body.size();
  if (json_length) {
    const auto announced = text::parse_int(text::trim(*json_length));
    if (!announced || *announced < 0 || static_cast<uint64_t>(*announced) > body.size()) {
      throw invalid_argument("Inference-Header-Content-Length '", *json_length, "' does not fit a body of ",
                             body.size(), " bytes");
    }
    length = static_cast<size_t>(*announced);
  }
  InferRequest request = parse_head(body.substr(0, length));
  attach_binary(request, body.substr(length));
  return request;
}

}  // namespace slipway::oip
