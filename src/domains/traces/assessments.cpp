#include "domains/traces/assessments.h"

#include <algorithm>
#include <array>

#include "domains/traces/assessment_store.h"
#include "domains/traces/json_text.h"
#include "domains/traces/trace_store.h"
#include "domains/tracking/limits.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"feedback", "expectation", "issue"};
// As clients call them.
constexpr std::array<std::string_view, 3> kKindTitles = {"Feedback", "Expectation", "IssueReference"};
std::string_view title_of(AssessmentKind kind) { return kKindTitles[static_cast<size_t>(kind)]; }

constexpr size_t kMaxName = 250;
constexpr size_t kMaxId = 128;

Assessment find_or_throw(sql::Transaction& transaction, const TraceId& trace, const AssessmentId& id) {
  if (auto found = AssessmentStore(transaction).find(trace, id)) return *std::move(found);
  TraceStore(transaction).check_exists(trace);
  throw not_found("Assessment with ID '", id.value, "' not found for trace '", trace.value, "'");
}

void put_or_throw(sql::Transaction& transaction, const Assessment& assessment) {
  if (AssessmentStore(transaction).put(assessment)) return;
  throw already_exists("the assessment id '", assessment.id.value, "' belongs to another trace");
}

}  // namespace

std::string_view name_of(AssessmentKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

AssessmentKind parse_assessment_kind(std::string_view name) {
  const auto found = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (found == kKindNames.end()) throw data_loss("'", name, "' is no kind of assessment");
  return static_cast<AssessmentKind>(found - kKindNames.begin());
}

AssessmentNumber number_of_value(const std::string& json) {
  if (json == "true") return {1.0, false};
  if (json == "false") return {0.0, false};
  if (const auto text = text_of_json(json)) {
    const std::string word = text::lower(text::trim(*text));
    if (word == "yes") return {1.0, false};
    if (word == "no") return {0.0, false};
    return {};
  }
  const auto number = number_of_json(json);
  return {number, number.has_value()};
}

void complete(Assessment& assessment, Clock& clock, IdSource& ids) {
  if (assessment.name.empty()) throw invalid_argument("Missing value for required parameter 'assessment_name'.");
  tracking::check_length(assessment.name, kMaxName, "assessment_name");
  tracking::check_length(assessment.id.value, kMaxId, "assessment_id");
  if (assessment.id.empty()) assessment.id = AssessmentId("a-" + ids.hex(32));
  if (assessment.created_ms == 0) assessment.created_ms = clock.now_ms();
  if (assessment.updated_ms == 0) assessment.updated_ms = assessment.created_ms;
  assessment.value = normal_json(assessment.value);
}

Assessment Assessments::add(Assessment assessment) {
  assessment.id = AssessmentId("");
  complete(assessment, clock_, ids_);
  database_.write([&](sql::Transaction& transaction) {
    TraceStore(transaction).check_exists(assessment.trace_id);
    AssessmentStore store(transaction);
    if (!assessment.overrides.empty() && !store.set_valid(assessment.trace_id, assessment.overrides, false)) {
      throw not_found("Assessment with ID '", assessment.overrides, "' not found for trace '",
                      assessment.trace_id.value, "'");
    }
    put_or_throw(transaction, assessment);
  });
  return assessment;
}

Assessment Assessments::get(const TraceId& trace, const AssessmentId& id) {
  return database_.read_value<Assessment>(
      [&](sql::Transaction& transaction) { return find_or_throw(transaction, trace, id); });
}

Assessment Assessments::update(const TraceId& trace, const AssessmentId& id, const AssessmentUpdate& update) {
  if (update.feedback && update.expectation)
    throw invalid_argument("Cannot specify both `expectation` and `feedback` parameters.");
  return database_.write_value<Assessment>([&](sql::Transaction& transaction) {
    Assessment assessment = find_or_throw(transaction, trace, id);
    if (update.expectation && assessment.kind != AssessmentKind::kExpectation)
      throw invalid_argument("Cannot update expectation value on a ", title_of(assessment.kind), " assessment.");
    if (update.feedback && assessment.kind != AssessmentKind::kFeedback)
      throw invalid_argument("Cannot update feedback value on an ", title_of(assessment.kind), " assessment.");
    if (update.name) assessment.name = *update.name;
    if (update.expectation) assessment.value = *update.expectation;
    if (update.feedback) {
      assessment.value = *update.feedback;
      assessment.error = update.feedback_error;
    }
    if (update.rationale) assessment.rationale = update.rationale;
    for (const Tag& pair : update.metadata) {
      std::erase_if(assessment.metadata, [&](const Tag& known) { return known.key == pair.key; });
      assessment.metadata.push_back(pair);
    }
    assessment.updated_ms = clock_.now_ms();
    complete(assessment, clock_, ids_);
    put_or_throw(transaction, assessment);
    return assessment;
  });
}

void Assessments::remove(const TraceId& trace, const AssessmentId& id) {
  database_.write([&](sql::Transaction& transaction) {
    TraceStore(transaction).check_exists(trace);
    AssessmentStore store(transaction);
    const auto found = store.find(trace, id);
    if (!found) return;
    if (!found->overrides.empty()) store.set_valid(trace, found->overrides, true);
    store.remove(trace, id);
  });
}

}  // namespace slipway::traces
