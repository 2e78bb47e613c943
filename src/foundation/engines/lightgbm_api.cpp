#include "foundation/engines/lightgbm_api.h"

#include <cstdlib>
#include <mutex>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::engines::lightgbm {

namespace {

void forward_log(const char* line) {
  const std::string_view text = text::trim(line);
  if (!text.empty()) log::debug("lightgbm", {{"message", std::string(text)}});
}

// Threads that wait in OpenMP's default way spin, which costs many times the run time as soon as somebody else uses the
// cores too (measured: 5 s alone, over 100 s beside a build). The library reads this when it is loaded.
std::string_view library_with_patient_threads() {
  ::setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  return "lib_lightgbm.so";
}

}  // namespace

Api::Api() : library(library_with_patient_threads()) {
  library.bind(last_error, "LGBM_GetLastError");
  library.bind(register_log_callback, "LGBM_RegisterLogCallback");
  library.bind(dataset_create_from_mat, "LGBM_DatasetCreateFromMat");
  library.bind(dataset_set_field, "LGBM_DatasetSetField");
  library.bind(dataset_set_feature_names, "LGBM_DatasetSetFeatureNames");
  library.bind(dataset_free, "LGBM_DatasetFree");
  library.bind(booster_create, "LGBM_BoosterCreate");
  library.bind(booster_load_model_from_string, "LGBM_BoosterLoadModelFromString");
  library.bind(booster_free, "LGBM_BoosterFree");
  library.bind(booster_add_valid_data, "LGBM_BoosterAddValidData");
  library.bind(booster_update_one_iter, "LGBM_BoosterUpdateOneIter");
  library.bind(booster_get_num_predict, "LGBM_BoosterGetNumPredict");
  library.bind(booster_get_predict, "LGBM_BoosterGetPredict");
  library.bind(booster_get_num_feature, "LGBM_BoosterGetNumFeature");
  library.bind(booster_get_num_classes, "LGBM_BoosterGetNumClasses");
  library.bind(booster_save_model_to_string, "LGBM_BoosterSaveModelToString");
  library.bind(booster_feature_importance, "LGBM_BoosterFeatureImportance");
  library.bind(booster_predict_for_mat, "LGBM_BoosterPredictForMat");
  library.bind(booster_fast_init, "LGBM_BoosterPredictForMatSingleRowFastInit");
  library.bind(booster_fast_predict, "LGBM_BoosterPredictForMatSingleRowFast");
  library.bind(fast_config_free, "LGBM_FastConfigFree");
}

void Api::check(int status, const char* what) const {
  if (status != 0) throw invalid_argument("LightGBM cannot ", what, ": ", last_error());
}

std::shared_ptr<const Api> open_api() {
  static std::mutex mutex;
  static std::weak_ptr<const Api> opened;
  const std::scoped_lock lock(mutex);
  std::shared_ptr<const Api> api = opened.lock();
  if (api == nullptr) {
    // Read when the library loads its OpenMP: threads that wait at a barrier sleep instead of burning the cores that a
    // server or another training on the same machine needs.
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("OMP_WAIT_POLICY", "passive", 1);
    api = std::make_shared<const Api>();
    api->register_log_callback(forward_log);
    opened = api;
  }
  return api;
}

}  // namespace slipway::engines::lightgbm
