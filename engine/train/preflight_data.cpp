// What the rows hold, what of them is learnt, and whether they fit the model.
#include <algorithm>
#include <map>
#include <string_view>

#include "engine/data/cached_dataset.h"
#include "engine/data/dataset_audit.h"
#include "engine/data/row_labeller.h"
#include "engine/train/preflight_context.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr double kFewLabels = 0.01;  // of all tokens

std::optional<RowReader> row_reader(const Preflight& p) {
  std::optional<RowReader> reader;
  if (p.run.tokenizer) {
    reader.emplace(*p.run.tokenizer, p.chat_template.get(), p.run.model_config.vocab_size,
                   row_reader_key(p.config.model_name_or_path, p.config.chat_template));
  }
  return reader;
}

// The max_length that no row of a data set reaches: the next power of two, as far as the model goes. null where that
// is no more than today's.
nlohmann::json longer(const Preflight& p, const DatasetAudit& audit) {
  std::int64_t length = std::int64_t{1} << std::min<std::size_t>(audit.length_histogram.size(), 30);
  const std::int64_t positions = p.run.model_config.max_position_embeddings;
  if (positions > 0) length = std::min(length, positions);
  if (length <= p.config.max_length) return nullptr;
  return {{"max_length", length}};
}

// Whether the assistant's turn ends with a special token where this template lays it out.
bool closes_turns(const Preflight& p, const ChatTemplate& chat_template) {
  Conversation conversation;
  conversation.messages.push_back({{"role", "user"}, {"content", "Hello."}});
  conversation.messages.push_back({{"role", "assistant"}, {"content", "Good morning."}});
  try {
    const RowLabeller labeller(*p.run.tokenizer, &chat_template, p.run.model_config.vocab_size, {});
    return !labeller.label(conversation, "chat template").unclosed_turn;
  } catch (const Error&) {
    return false;  // it refuses roles, or its tokens are not the model's
  }
}

nlohmann::json changes_for_lost_rows(const Preflight& p, const DatasetAudit& audit) {
  const auto most = std::max_element(audit.lost.begin(), audit.lost.end());
  switch (static_cast<LostReason>(most - audit.lost.begin())) {
    case LostReason::kPromptTooLong:
      return longer(p, audit);
    case LostReason::kNoAssistantTurn:
      // Where the markers find nothing, the template may; else everything is learnt.
      if (!p.config.response_part.empty()) return {{"instruction_part", nullptr}, {"response_part", nullptr}};
      // Where most rows have one, those without are at fault: learning everything would unmask all the others.
      if (2 * audit.lost_rows() < audit.rows) return nullptr;
      return {{"assistant_only_loss", false}};
    case LostReason::kEmpty:
    case LostReason::kAllMasked:
      return nullptr;
  }
  return nullptr;
}

// For data that training refuses: the file is read once more, from the cache, to see why.
Remedy remedy_for_refusal(const Preflight& p, const Error& refusal) {
  // These settings are named by nothing but what they left.
  const std::string_view what = refusal.what();
  if (what.find("drop_eval_overlap") != std::string_view::npos) {
    return Remedy("Evaluate on other rows, or on none.", {{"drop_eval_overlap", false}});
  }
  if (what.find("eval_fraction") != std::string_view::npos) {
    return Remedy("Evaluate on other rows, or on none.", {{"eval_fraction", 0.0}});
  }
  Remedy remedy("Correct the data file, or dataset.format and dataset.columns; vernier-cli data --rows shows rows.");
  const std::optional<RowReader> reader = row_reader(p);
  if (p.config.batch || !reader) return remedy;
  try {
    const LoadedDataset loaded =
        load_cached_dataset(p.config.dataset, *reader, label_options(p.config), token_cache_folder(), {}, p.stop);
    if (loaded.audit.rows > 0 && loaded.audit.lost_rows() == loaded.audit.rows) {
      remedy.changes = changes_for_lost_rows(p, loaded.audit);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;  // everything else is what the check has said
  }
  return remedy;
}

nlohmann::json changes_for(const Preflight& p, const DataNote& note) {
  const auto& audit = p.run.data.audit();
  if (!audit) return nullptr;
  if (note.id == "truncated") {
    const nlohmann::json changes = longer(p, *audit);
    if (!changes.is_null()) return changes;
    return {{"packing", "bfd_split"}};
  }
  if (note.id == "rows_without_labels") return changes_for_lost_rows(p, *audit);
  if (note.id == "unclosed_turns" || note.id == "no_chat_template") return closing_template(p);
  if (note.id == "duplicates") return {{"drop_duplicates", true}};
  if (note.id == "eval_overlap") {
    if (p.run.data.eval_overlap() < p.run.data.num_eval_rows()) return {{"drop_eval_overlap", true}};
    // None would be left.
    if (p.config.eval_dataset) return {{"eval_dataset", nullptr}, {"eval_fraction", 0.1}};
    return {{"eval_fraction", 0.0}};
  }
  return nullptr;
}

std::string what_is_learnt(const RunConfig& config) {
  if (config.assistant_only_loss && config.completion_only_loss) {
    return "what the assistant says, where it lies in the completion";
  }
  if (config.assistant_only_loss) return "what the assistant says";
  if (config.completion_only_loss) return "the completion";
  return "everything, prompts too";
}

void check_labels(Preflight& p, const DatasetAudit& audit) {
  const double share =
      static_cast<double>(audit.labelled_tokens) / static_cast<double>(std::max<std::int64_t>(1, audit.tokens));
  const std::string found = std::to_string(audit.labelled_tokens) + " of " + std::to_string(audit.tokens) +
                            " tokens (" + percent_text(share) + ") have a label: " + what_is_learnt(p.config) + ".";
  if (share >= kFewLabels) {
    p.pass("labels", found);
    return;
  }
  p.warn("labels", found + " Nearly all of the time goes into tokens that teach nothing.",
         Remedy("Look at the rows' masks; raise max_length where answers are cut off.", longer(p, audit)));
}

// There are none, or they are left out.
void pass_duplicates(Preflight& p) {
  bool dropped = false;
  const auto tell = [&](const std::optional<DatasetAudit>& audit, const std::string& path) {
    if (!audit || audit->duplicates == 0) return;
    p.pass("duplicates", dropped_duplicates(*audit, path));
    dropped = true;
  };
  tell(p.run.data.audit(), p.config.dataset.path);
  if (p.config.eval_dataset) tell(p.run.data.eval_audit(), p.config.eval_dataset->path);
  if (!dropped) p.pass("duplicates", "no row gives the tokens and labels of another.");
}

// What was looked for and not found is worth saying, too.
void add_notes(Preflight& p) {
  const RunData& data = p.run.data;
  std::map<std::string, bool> noted;
  for (const DataNote& note : data.notes()) {
    noted[note.id] = true;
    nlohmann::json changes = changes_for(p, note);
    std::string fix = note.fix;
    if (note.id == "eval_overlap") {
      fix = changes.contains("drop_eval_overlap") ? "Leave them out of the evaluation with drop_eval_overlap."
            : p.config.eval_dataset               ? "Hold out a tenth of the rows to train on."
                                                  : "Evaluate on other rows, or on none.";
    } else if (note.id == "rows_without_labels" && !changes.is_null()) {
      fix = changes.contains("max_length") ? "Raise max_length." : "Learn from every turn, or correct the roles.";
    }
    p.warn(note.id, note.message, Remedy(std::move(fix), std::move(changes)));
  }
  if (!data.audit()) return;
  if (p.chat_template && !noted["unclosed_turns"]) {
    p.pass("unclosed_turns", "no conversation ends without the special token that ends the assistant's turn.");
  }
  if (!noted["truncated"]) {
    p.pass("truncated", "no row is cut at max_length " + std::to_string(p.config.max_length) + ".");
  }
  if (!noted["duplicates"]) pass_duplicates(p);
  if (data.num_eval_rows() == 0 || noted["eval_overlap"]) return;
  if (data.eval_overlap() > 0) {
    p.pass("eval_overlap", std::to_string(data.eval_overlap()) + " rows that are trained on are left out; " +
                               std::to_string(data.num_eval_rows()) + " to evaluate on remain.");
  } else {
    p.pass("eval_overlap",
           "none of the " + std::to_string(data.num_eval_rows()) + " rows to evaluate on is trained on.");
  }
}

void check_context(Preflight& p) {
  const std::int64_t positions = p.run.model_config.max_position_embeddings;
  if (positions == 0) return;
  const std::int64_t longest = p.run.data.longest_row();
  if (longest > positions) {
    p.warn("context",
           "rows of up to " + std::to_string(longest) + " tokens, and the model was made for " +
               std::to_string(positions) + ".",
           Remedy("Lower max_length to " + std::to_string(positions) + ".", {{"max_length", positions}}));
  } else {
    p.pass("context",
           "no row is longer than the " + std::to_string(positions) + " tokens that the model was made for.");
  }
}

}  // namespace

nlohmann::json closing_template(const Preflight& p) {
  if (!p.run.tokenizer) return nullptr;
  if (!p.config.chat_template.empty()) {
    const auto own = choose_chat_template("", p.config.model_name_or_path);
    if (own && closes_turns(p, *own)) return {{"chat_template", nullptr}};
  }
  for (const BuiltInTemplate& built_in : built_in_templates()) {
    if (built_in.id == p.config.chat_template) continue;
    const std::string id(built_in.id);
    if (closes_turns(p, ChatTemplate(built_in.source, id))) return {{"chat_template", id}};
  }
  return nullptr;
}

bool check_data(Preflight& p) {
  p.group = CheckGroup::kData;
  p.begin("Reading data");
  const std::optional<RowReader> reader = row_reader(p);
  if (!p.attempt(
          "data", [&](const Error& refusal) { return remedy_for_refusal(p, refusal); },
          [&] {
            p.run.data =
                RunData::load(p.config, reader ? &*reader : nullptr, p.run.model_config.vocab_size, p.progress, p.stop);
          })) {
    return false;
  }
  RunData& data = p.run.data;
  p.report.rows = data.num_rows();
  p.report.total_steps = data.total_steps();
  p.report.fill = data.fill();
  if (const auto& audit = data.audit()) {
    p.pass("data", std::to_string(audit->rows) + " rows (" + data.format() + "), " + std::to_string(audit->tokens) +
                       " tokens, " + std::to_string(audit->labelled_tokens) + " of them with a label.");
    check_labels(p, *audit);
  } else {
    p.pass("data", "a batch file of " + std::to_string(p.report.rows) + " rows.");
  }
  add_notes(p);
  if (data.num_eval_rows() > 0) p.pass("evaluation", "on " + std::to_string(data.num_eval_rows()) + " rows.");
  check_context(p);
  return true;
}

}  // namespace vernier
