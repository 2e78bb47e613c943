#include "domains/serving/served_model.h"

#include <cmath>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::serving {

namespace {

constexpr std::string_view kInfo = "slipway_model_info";
constexpr std::string_view kInfoHelp = "The model version that answers now";
constexpr std::string_view kRefused = "slipway_model_refused";
constexpr std::string_view kRefusedHelp = "A newer model version that was refused and is still wanted by the registry";

// Two rows of plain values: all zeros and all ones.
tables::Table self_test_rows(const packaging::Signature& signature) {
  tables::Table rows;
  for (const packaging::ColumnSpec& spec : signature.inputs) {
    tables::Column column(spec.name, spec.type);
    for (int value = 0; value < 2; ++value) {
      switch (spec.type) {
        case tables::ColumnType::kDouble:
          column.append_double(value);
          break;
        case tables::ColumnType::kText:
          column.append_text(std::to_string(value));
          break;
        default:
          column.append_integer(value);
      }
    }
    rows.add(std::move(column));
  }
  return rows;
}

bool all_nan(const tables::Column& column) {
  if (column.type() != tables::ColumnType::kDouble || column.size() == 0) return false;
  for (const double value : column.doubles()) {
    if (!std::isnan(value)) return false;
  }
  return true;
}

void self_test(const Runtime& runtime) {
  const packaging::Signature& signature = runtime.signature();
  if (signature.inputs.empty()) return;
  const tables::Table answer = runtime.predict(self_test_rows(signature));
  for (const packaging::ColumnSpec& spec : signature.outputs) {
    const tables::Column* column = answer.find(spec.name);
    if (column == nullptr) throw failed_precondition("the self-test gave no output '", spec.name, "'");
    if (column->size() != 2) {
      throw failed_precondition("the self-test gave ", column->size(), " rows of '", spec.name, "' for 2");
    }
    if (all_nan(*column)) throw failed_precondition("the self-test gave no number in '", spec.name, "'");
  }
}

}  // namespace

ServedModel::ServedModel(std::string name, Opener opener, const Clock& clock, metrics::Registry& registry)
    : name_(std::move(name)), opener_(std::move(opener)), clock_(clock), registry_(registry) {
  registry_.counter("slipway_model_swaps_total", "Exchanges of the served version", {{"model", name_}});
  registry_.counter("slipway_model_refusals_total", "New versions that were not taken", {{"model", name_}});
}

std::shared_ptr<const ServedVersion> ServedModel::find_current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::shared_ptr<const ServedVersion> ServedModel::current() const {
  std::shared_ptr<const ServedVersion> version = find_current();
  if (version == nullptr) throw unavailable("model '", name_, "' is not loaded yet");
  return version;
}

ServedModel::Status ServedModel::status() const {
  const std::lock_guard lock(mutex_);
  Status status;
  status.swaps = swaps_;
  status.refused = refused_;
  if (current_ != nullptr) {
    status.state = State::kReady;
    status.version = current_->version;
    status.source = current_->source;
    status.loaded_at_ms = current_->loaded_at_ms;
  } else if (refused_) {
    status.state = State::kFailed;
  }
  return status;
}

std::shared_ptr<ServedVersion> ServedModel::open(const ModelCandidate& candidate) const {
  auto next = std::make_shared<ServedVersion>();
  next->runtime = opener_(candidate.folder);
  self_test(*next->runtime);
  next->version = candidate.version;
  next->source = candidate.source;
  next->loaded_at_ms = clock_.now_ms();
  const auto requests = [&](const char* outcome) {
    return &registry_.counter("slipway_inference_requests_total", "Prediction requests by outcome",
                              {{"model", name_}, {"version", next->version}, {"outcome", outcome}});
  };
  next->succeeded = requests("ok");
  next->failed = requests("error");
  next->rows = &registry_.counter("slipway_inference_rows_total", "Rows predicted",
                                  {{"model", name_}, {"version", next->version}});
  next->seconds = &registry_.histogram("slipway_inference_duration_seconds", "Time inside the model, per request",
                                       {{"model", name_}, {"version", next->version}});
  return next;
}

void ServedModel::exchange(std::shared_ptr<const ServedVersion> next) {
  const std::string version = next->version;
  std::shared_ptr<const ServedVersion> old;
  {
    const std::lock_guard lock(mutex_);
    old = std::exchange(current_, std::move(next));
    if (old != nullptr) ++swaps_;
  }
  forget_refusal();
  if (old != nullptr) {
    registry_.remove(kInfo, {{"model", name_}, {"version", old->version}});
    registry_.counter("slipway_model_swaps_total", "", {{"model", name_}}).add();
  }
  registry_.gauge(kInfo, kInfoHelp, {{"model", name_}, {"version", version}}).set(1);
  log::info("model.loaded", {{"model", name_}, {"version", version}, {"before", old == nullptr ? "" : old->version}});
}

void ServedModel::replace(const ModelCandidate& candidate) {
  try {
    exchange(open(candidate));
  } catch (const std::exception& error) {
    refuse(candidate.version, error.what());
    throw;
  }
}

void ServedModel::refuse(const std::string& version, const std::string& reason) {
  forget_refusal();
  {
    const std::lock_guard lock(mutex_);
    refused_ = Refusal{version, reason, clock_.now_ms()};
  }
  registry_.counter("slipway_model_refusals_total", "", {{"model", name_}}).add();
  registry_.gauge(kRefused, kRefusedHelp, {{"model", name_}, {"version", version}}).set(1);
  log::error("model.refused", {{"model", name_}, {"version", version}, {"reason", reason}});
}

void ServedModel::forget_refusal() {
  std::optional<Refusal> old;
  {
    const std::lock_guard lock(mutex_);
    old = std::exchange(refused_, std::nullopt);
  }
  if (old) registry_.remove(kRefused, {{"model", name_}, {"version", old->version}});
}

std::string_view name_of(ServedModel::State state) {
  switch (state) {
    case ServedModel::State::kLoading:
      return "loading";
    case ServedModel::State::kReady:
      return "ready";
    case ServedModel::State::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace slipway::serving
