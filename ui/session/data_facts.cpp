#include "ui/session/data_facts.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "ui/session/data_session.h"

namespace vernier::ui {

std::optional<RowFacts> row_facts(const DataSession& data) {
  const LabelRows& rows = data.scan(RowSet::kTraining).rows;
  const qint64 to_train_on = data.training_rows(), held_back = data.evaluation_rows();
  if (to_train_on <= 0 || held_back < 0) return std::nullopt;
  const std::int32_t cut_at = data.cut_at(RowSet::kTraining);
  auto lengths = std::make_shared<std::vector<std::int32_t>>();
  lengths->reserve(static_cast<std::size_t>(to_train_on));
  const bool shares = !data.config().eval_dataset && held_back > 0;
  const qint64 learnable = to_train_on + (shares ? held_back : 0);
  RowFacts facts;
  facts.eval_rows = held_back;
  qint64 seen = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (LabelRows::lost_with(rows[i], cut_at) >= 0) continue;
    ++seen;
    if (shares) facts.eval_tokens = std::max<std::int64_t>(facts.eval_tokens, rows[i].tokens);
    // The n-th of learnable rows is kept where n * to_train_on / learnable passes a whole number.
    if (seen * to_train_on / learnable == (seen - 1) * to_train_on / learnable) continue;
    lengths->push_back(rows[i].tokens);
  }
  const LabelRows& own = data.scan(RowSet::kEvaluation).rows;
  for (std::size_t i = 0; i < own.size(); ++i) {
    facts.eval_tokens = std::max<std::int64_t>(facts.eval_tokens, own[i].tokens);
  }
  facts.lengths = std::move(lengths);
  return facts;
}

}  // namespace vernier::ui
