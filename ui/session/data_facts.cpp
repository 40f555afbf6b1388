#include "ui/session/data_facts.h"

#include <memory>
#include <vector>

#include "ui/session/data_session.h"

namespace vernier::ui {
namespace {

std::shared_ptr<const std::vector<std::int32_t>> lengths_of(const DataSession& data, RowSet set) {
  const LabelRows& rows = data.scan(set).rows;
  const std::int32_t cut_at = data.cut_at(set);
  const unsigned dropped = data.config().drop_duplicates ? kFlagDuplicate : 0;
  auto lengths = std::make_shared<std::vector<std::int32_t>>();
  lengths->reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (LabelRows::lost_with(rows[i], cut_at) < 0 && (rows[i].flags & dropped) == 0) lengths->push_back(rows[i].tokens);
  }
  return lengths;
}

}  // namespace

std::optional<RowFacts> row_facts(const DataSession& data) {
  if (data.training_rows() <= 0 || data.evaluation_rows() < 0) return std::nullopt;
  RowFacts facts;
  facts.lengths = lengths_of(data, RowSet::kTraining);
  if (data.config().eval_dataset) facts.eval_lengths = lengths_of(data, RowSet::kEvaluation);
  return facts;
}

}  // namespace vernier::ui
