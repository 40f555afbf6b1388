// Taking a run away: an adapter, a merged checkpoint, a GGUF file, or a film of it.
#pragma once

#include <QButtonGroup>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/session/export_session.h"
#include "ui/session/workbench.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {

// Not modal: the run can be looked at meanwhile. Closing it while it writes asks it to stop, and nothing is left.
class ExportDialog : public QDialog {
  Q_OBJECT

 public:
  ExportDialog(Workbench& workbench, const QString& run_dir, QWidget* parent = nullptr);

  const QString& run_dir() const { return run_dir_; }
  ExportSession& session() { return session_; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void add_kind(QVBoxLayout* column, ExportKind kind, const char* name, const QString& text, const QString& note,
                bool is_possible);
  QWidget* make_fields();
  ExportKind kind() const;
  ExportRequest request() const;
  void kind_changed();
  void propose_target();
  void choose_target();
  void plan();
  bool is_outdated() const;  // what a plan says is of a place typed before, or it is written already
  void start();
  void tell(StateShape shape, const QString& text);
  void tell_result(const ExportResult& result);
  void grow_to_text();
  void open_folder();
  void refresh();

  Workbench& workbench_;
  QString run_dir_;
  ExportSession session_;
  QTimer plan_timer_;  // typing is one change
  bool has_typed_ = false;
  bool can_start_ = false;
  StateShape shape_ = StateShape::kHollow;
  QString written_;
  QButtonGroup* kinds_ = nullptr;
  QComboBox* dtype_ = nullptr;
  QLabel* dtype_label_ = nullptr;
  QLineEdit* target_ = nullptr;
  QPushButton* browse_ = nullptr;
  QLabel* icon_ = nullptr;
  QLabel* told_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton* open_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QPushButton* close_ = nullptr;
};

}  // namespace vernier::ui
