#include "ui/session/run_draft.h"

#include <QHash>
#include <nlohmann/json.hpp>
#include <utility>

namespace vernier::ui {

class RunDraft::Edit : public QUndoCommand {
 public:
  Edit(RunDraft& draft, const QString& what, RunConfig before, RunConfig after, QString merge_key)
      : QUndoCommand(what),
        draft_(draft),
        before_(std::move(before)),
        after_(std::move(after)),
        merge_key_(std::move(merge_key)) {}

  void undo() override { draft_.go_to(before_); }
  void redo() override {
    // The first time it is the edit itself.
    if (std::exchange(is_done_, true)) {
      draft_.go_to(after_);
    } else {
      draft_.set(after_);
    }
  }
  // Qt asks for a merge only where the ids agree; the hash may collide, so the keys are compared once more.
  int id() const override { return merge_key_.isEmpty() ? -1 : static_cast<int>(qHash(merge_key_) & 0x7fffffff); }
  bool mergeWith(const QUndoCommand* other) override {
    const auto& later = static_cast<const Edit&>(*other);
    if (later.merge_key_ != merge_key_) return false;
    after_ = later.after_;
    if (after_.to_json() == before_.to_json()) setObsolete(true);
    return true;
  }

 private:
  RunDraft& draft_;
  RunConfig before_;
  RunConfig after_;
  QString merge_key_;
  bool is_done_ = false;
};

void RunDraft::edit(const QString& what, const std::function<void(RunConfig&)>& change, const QString& merge_key) {
  RunConfig after = config_;
  change(after);
  if (after.to_json() == config_.to_json()) return;
  undo_stack_.push(new Edit(*this, what, config_, std::move(after), merge_key));
}

void RunDraft::reset(RunConfig config) {
  undo_stack_.clear();
  set(config);
}

void RunDraft::set(const RunConfig& config) {
  config_ = config;
  Q_EMIT changed();
}

void RunDraft::go_to(const RunConfig& config) {
  set(config);
  Q_EMIT wentBack();
}

}  // namespace vernier::ui
