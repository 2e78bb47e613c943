// A model that can answer: opened from a model directory, called from many threads at once. Used by `slipway serve`,
// `predict`, `evaluate` and the training loop.
#pragma once

#include <memory>
#include <string>

#include "domains/packaging/signature.h"
#include "foundation/tables/table.h"

namespace slipway::serving {

// What the model's own library gives for a frame of rows, which MLflow's scoring protocol shows: rows with names, or a
// list of bare values.
enum class AnswerForm { kFrame, kArray };

class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual AnswerForm answer_form() const = 0;
  // What a request must hold and what the answer holds.
  virtual const packaging::Signature& signature() const = 0;
  // One output row per input row, columns as in signature().outputs. The input has every required column of the
  // signature, by name, in any order; numbers may come as integers or doubles, unknown categories count as missing.
  // Throws invalid_argument naming the column otherwise. Thread-safe, keeps nothing between calls.
  virtual tables::Table predict(const tables::Table& rows) const = 0;
};

// Chooses the runtime by the flavors in the directory's MLmodel file; unimplemented names the flavors that were found
// and the ones that can be served.
std::unique_ptr<Runtime> open_runtime(const std::string& model_folder);

}  // namespace slipway::serving
