#include "engine/io/run_store_signals.h"

#include <nlohmann/json.hpp>

#include "engine/io/signal_codec.h"
#include "engine/io/sqlite.h"

namespace vernier::run_store {

void write_signals(Database& database, const StepSignals& signals, std::vector<std::uint8_t>& blob) {
  blob.clear();
  encode_norms(signals.gradient_norms, blob);
  database.statement("INSERT OR REPLACE INTO signals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
      ->bind(1, signals.step)
      .bind(2, signals.logits.mean)
      .bind(3, signals.logits.spread)
      .bind(4, signals.logits.min)
      .bind(5, signals.logits.max)
      .bind(6, signals.logits.non_finite)
      .bind(7, signals.logits.top_argmax_share)
      .bind(8, signals.logits.top_target_share)
      .bind(9, std::int64_t{signals.logits.top_argmax})
      .bind(10, std::span<const std::uint8_t>(blob))
      .run();
}

void write_pause(Database& database, const PauseEvent& event) {
  database.statement("DELETE FROM pauses WHERE step = ?1 AND state_hash = ?2 AND state_hash_after = ''")
      ->bind(1, event.step)
      .bind(2, std::string_view(event.state_hash))
      .run();
  database.statement("INSERT INTO pauses(step, state_hash, state_hash_after) VALUES (?1, ?2, ?3)")
      ->bind(1, event.step)
      .bind(2, std::string_view(event.state_hash))
      .bind(3, std::string_view(event.state_hash_after))
      .run();
}

std::string to_text(std::span<const GradientGroup> groups) {
  nlohmann::json list = nlohmann::json::array();
  for (const GradientGroup& group : groups) list.push_back({group.layer, group.module});
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace vernier::run_store
