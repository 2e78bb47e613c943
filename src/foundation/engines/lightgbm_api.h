// The functions of LightGBM's C API that Slipway calls, bound by symbol. Private to lightgbm.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "foundation/engines/library.h"

namespace slipway::engines::lightgbm {

using Handle = void*;

// Values of C_API_DTYPE_*, C_API_PREDICT_* and C_API_FEATURE_IMPORTANCE_*.
constexpr int kFloat32 = 0;
constexpr int kFloat64 = 1;
constexpr int kPredictNormal = 0;
constexpr int kImportanceSplits = 0;
constexpr int kImportanceGains = 1;

struct Api {
  Api();
  // Throws invalid_argument with LightGBM's message unless the status is 0.
  void check(int status, const char* what) const;

  Library library;
  const char* (*last_error)();
  int (*register_log_callback)(void (*)(const char*));
  int (*dataset_create_from_mat)(const void*, int, int32_t, int32_t, int, const char*, Handle, Handle*);
  int (*dataset_set_field)(Handle, const char*, const void*, int, int);
  int (*dataset_set_feature_names)(Handle, const char**, int);
  int (*dataset_free)(Handle);
  int (*booster_create)(Handle, const char*, Handle*);
  int (*booster_load_model_from_string)(const char*, int*, Handle*);
  int (*booster_free)(Handle);
  int (*booster_add_valid_data)(Handle, Handle);
  int (*booster_update_one_iter)(Handle, int*);
  int (*booster_get_num_predict)(Handle, int, int64_t*);
  int (*booster_get_predict)(Handle, int, int64_t*, double*);
  int (*booster_get_num_feature)(Handle, int*);
  int (*booster_get_num_classes)(Handle, int*);
  int (*booster_save_model_to_string)(Handle, int, int, int, int64_t, int64_t*, char*);
  int (*booster_feature_importance)(Handle, int, int, double*);
  int (*booster_predict_for_mat)(Handle, const void*, int, int32_t, int32_t, int, int, int, int, const char*, int64_t*,
                                 double*);
  int (*booster_fast_init)(Handle, int, int, int, int, int32_t, const char*, Handle*);
  int (*booster_fast_predict)(Handle, const void*, int64_t*, double*);
  int (*fast_config_free)(Handle);
};

// Opened once per program and kept as long as anybody holds it.
std::shared_ptr<const Api> open_api();

}  // namespace slipway::engines::lightgbm
