// Class balance: which tokens a run's data ask for, and which the model says.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>

#include "ui/models/balance_model.h"
#include "ui/models/examples_model.h"
#include "ui/pages/actions.h"
#include "ui/pages/inspect/inspect_view.h"
#include "ui/plots/balance_scatter.h"
#include "ui/session/balance_session.h"
#include "ui/session/vocabulary.h"
#include "ui/widgets/work_line.h"

namespace vernier::ui {

class BalanceView : public InspectView {
  Q_OBJECT

 public:
  BalanceView(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

  QString title() const override;
  QString tool_tip() const override;
  // It looks at many steps at once.
  bool uses_selection() const override { return false; }
  void take_focus() override;
  void reset_layout() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* make_controls();
  QWidget* make_tokens();
  QWidget* make_examples();
  void connect_all();
  void show_run();
  void show_range();
  void count();
  void show_balance(const ClassBalance& balance);
  void choose_token(int id);
  void find_examples();
  void show_examples(int id, ExampleKind kind, const std::vector<TokenExample>& examples);
  void choose_example(const QModelIndex& index);
  void contextMenu(const QPoint& at);
  PieceLookup pieces() const;

  Workbench& workbench_;
  Vocabulary& vocabulary_;
  BalanceSession& session_;
  QSpinBox* first_ = nullptr;
  QSpinBox* last_ = nullptr;
  QPushButton* count_ = nullptr;
  QLineEdit* filter_text_ = nullptr;
  QSpinBox* least_ = nullptr;
  WorkLine* work_ = nullptr;
  QLabel* summary_ = nullptr;
  QSplitter* split_ = nullptr;
  QSplitter* left_ = nullptr;
  BalanceModel* model_ = nullptr;
  BalanceFilter* filter_ = nullptr;
  QTableView* table_ = nullptr;
  BalanceScatter* scatter_ = nullptr;
  QComboBox* kind_ = nullptr;
  QLabel* examples_note_ = nullptr;
  ExamplesModel* examples_ = nullptr;
  QTableView* example_table_ = nullptr;

  QString counted_run_;  // whose balance is shown, or asked for
  ClassBalance balance_;
  int token_ = -1;  // selected
  bool is_quiet_ = false;
};

}  // namespace vernier::ui
