#include "ui/pages/compare/comparison_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/roomy_delegate.h"
#include "ui/style/theme.h"

namespace vernier::ui {

ComparisonPanel::ComparisonPanel(const char* name, const QString& what, const QString& title, const QString& tool_tip,
                                 bool can_filter, QWidget* parent)
    : QWidget(parent), model_(what) {
  const QByteArray prefix(name);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* controls = new FlowLayout(kSpaceMedium, kSpaceTiny);
  if (can_filter) {
    only_differences_ = new QCheckBox(tr("Only what &differs"), this);
    describe(only_differences_, prefix + "OnlyDifferences", tr("Only what differs"),
             tr("Leaves out the rows in which all runs agree: what is left is what may explain the difference."));
    only_differences_->setChecked(true);
    model_.set_only_differences(true);
    connect(only_differences_, &QCheckBox::toggled, this, [this](bool on) {
      model_.set_only_differences(on);
      refresh();
    });
    controls->addWidget(only_differences_);
  }
  auto* copy = new QPushButton(tr("&Copy as Markdown"), this);
  describe(copy, prefix + "Copy", tr("Copy as Markdown"),
           tr("Puts the table, as it is shown, on the clipboard, for a report or an issue."));
  connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(model_.to_markdown()); });
  const auto allow = [this, copy] { copy->setEnabled(model_.rowCount() > 0); };
  connect(&model_, &QAbstractItemModel::modelReset, copy, allow);
  allow();
  controls->addWidget(copy);
  layout->addLayout(controls);
  note_ = make_note({}, this);
  note_->setObjectName(QLatin1String(prefix + "Note"));
  add_note(layout, note_);
  table_ = new QTableView(this);
  describe(table_, prefix + "Table", title, tool_tip);
  table_->setModel(&model_);
  table_->setItemDelegate(new RoomyDelegate(table_));
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setTabKeyNavigation(false);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->verticalHeader()->hide();
  fit_rows_to_text(table_);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  layout->addWidget(table_, 1);
  refresh();
}

void ComparisonPanel::refresh() {
  if (only_differences_ == nullptr) {
    note_->hide();
    return;
  }
  const int left_out = model_.num_left_out();
  note_->setVisible(left_out > 0 || model_.rowCount() == 0);
  note_->setText(model_.rowCount() > 0 ? tr("Rows in which all runs agree, and which are left out: %1.").arg(left_out)
                                       : tr("The runs do not differ in anything."));
}

}  // namespace vernier::ui
