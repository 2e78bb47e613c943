#include <algorithm>
#include <cstdint>
#include <string_view>

#include "foundation/base/error.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/messages.h"

using namespace slipway;

namespace {

class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string_view text) : text_(text) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t size = text_.copy(buffer, capacity);
    text_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view text_;
};

template <typename Action>
void tolerate(Action action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
}

}  // namespace

// Any body decodes to fields or is the caller's fault.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  TextBody body(std::string_view(reinterpret_cast<const char*>(data), size));
  http::Request request;
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = &body;
  tolerate([&] {
    const mlflow::Input input = mlflow::Input::of(request);
    tolerate([&] { mlflow::required_run_id(input); });
    tolerate([&] { mlflow::read_metric(input); });
    tolerate([&] {
      for (const mlflow::Input& metric : input.list("metrics")) mlflow::read_metric(metric);
    });
    tolerate([&] { mlflow::read_params(input); });
    tolerate([&] { mlflow::read_tags(input); });
    tolerate([&] { mlflow::read_search(input, 10); });
    tolerate([&] { mlflow::read_run_status(input); });
    tolerate([&] { mlflow::read_dataset_input(input); });
    tolerate([&] { input.map("tags"); });
  });
  return 0;
}
