// The logit lens: what every layer would say if it were the last.
#pragma once

#include <QComboBox>
#include <QElapsedTimer>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTableWidget>
#include <memory>

#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/plots/lens_cells.h"
#include "ui/plots/token_map.h"
#include "ui/session/model_session.h"
#include "ui/widgets/work_line.h"

namespace vernier::ui {

class LensView : public InspectView {
  Q_OBJECT

 public:
  LensView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  void take_focus() override;
  void reset_layout() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  // What the shown lens was made of.
  struct Subject {
    bool is_prompt = false;
    qint64 step = -1;
    qint64 sequence = -1;
  };

  QWidget* make_controls();
  QWidget* make_pictures();
  void connect_all();
  void show_run();
  void show_controls();
  // Asks for what the controls say.
  void look();
  // Without being asked to, where that takes little time.
  void follow();
  void show_lens(const std::shared_ptr<const LensPair>& lens, const QHash<int, QString>& names, qint64 vocab_size,
                 qint64 cut_from);
  void show_cells();
  void show_cell();
  void select(int position, int row);
  void clear(const QString& explanation);
  bool is_prompt() const { return text_->currentIndex() > 0; }
  bool compares() const { return lens_ && !lens_->divergence.empty(); }
  bool shows_selected() const;

  Workbench& workbench_;
  ModelSession& models_;
  QComboBox* text_ = nullptr;
  QLineEdit* prompt_ = nullptr;
  QComboBox* model_ = nullptr;
  QSpinBox* most_ = nullptr;
  QPushButton* look_ = nullptr;
  QComboBox* color_ = nullptr;
  WorkLine* work_ = nullptr;
  QLabel* note_ = nullptr;
  QSplitter* split_ = nullptr;
  QSplitter* maps_ = nullptr;
  QWidget* base_box_ = nullptr;
  QLabel* tuned_caption_ = nullptr;
  TokenMap* tuned_ = nullptr;
  TokenMap* base_ = nullptr;
  QLabel* cell_caption_ = nullptr;
  QTableWidget* top_ = nullptr;

  StepTokens tokens_;
  Subject asked_, shown_;
  Asked asked_models_ = Asked::kTuned;
  Asked shown_models_ = Asked::kTuned;
  QElapsedTimer clock_;  // since the latest ask
  qint64 took_ms_ = -1;  // the latest that was answered
  std::shared_ptr<const LensPair> lens_;
  QHash<int, QString> names_;
  qint64 vocab_size_ = 0;
  int row_ = 0;
  int position_ = -1;  // of the selected cell
};

}  // namespace vernier::ui
