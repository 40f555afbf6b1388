#include "ui/pages/lessons/lesson_view.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QRadioButton>
#include <QScrollBar>
#include <QStyle>
#include <QTextLayout>
#include <algorithm>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/roomy_delegate.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kTextColumn = 75;  // characters
constexpr int kPlotLines = 16;   // its height
constexpr int kPerMille = 1000;

// With line breaks, so that no line is wider.
QString broken(const QString& text, const QFont& font, int width) {
  QTextLayout layout(text, font);
  QStringList lines;
  layout.beginLayout();
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(width);
    lines << text.mid(line.textStart(), line.textLength()).trimmed();
  }
  layout.endLayout();
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

LessonView::LessonView(LessonText text, QWidget* parent) : QWidget(parent), text_(std::move(text)) {
  setObjectName(QStringLiteral("lesson-") + QString::fromStdString(text_.id));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kSpaceHuge, kSpaceLarge, kSpaceHuge, kSpaceHuge);
  column->setSpacing(kSpaceSmall);
  add_heading(column, text_.title);
  auto* teaches = make_note(text_.teaches, this);
  paragraphs_.push_back(teaches);
  add_note(column, teaches);
  for (const QString& paragraph : text_.intro) add_paragraph(column, paragraph);
  add_prediction(column);
  add_experiment(column);
  add_reveal(column);
  column->addStretch();
  refresh();
}

QLabel* LessonView::add_heading(QVBoxLayout* column, const QString& text) {
  QLabel* label = make_heading(text, this);
  label->setWordWrap(true);
  headings_.push_back(label);
  column->addWidget(label);
  return label;
}

QLabel* LessonView::add_paragraph(QVBoxLayout* column, const QString& text) {
  auto* label = new QLabel(text, this);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setMaximumWidth(character_width(fontMetrics()) * kTextColumn);
  paragraphs_.push_back(label);
  add_note(column, label);
  return label;
}

void LessonView::add_prediction(QVBoxLayout* column) {
  column->addSpacing(kSpaceMedium);
  add_heading(column, tr("Predict"));
  add_paragraph(column, text_.question);
  choices_ = new QButtonGroup(this);
  for (int i = 0; i < text_.choices.size(); ++i) {
    auto* choice = new QRadioButton(text_.choices[i], this);
    describe(choice, "", text_.choices[i], tr("Choose what you expect before you look: it is how the result sticks."));
    choice->setObjectName(QStringLiteral("lessonChoice%1").arg(i));
    choice->setMinimumWidth(1);  // else a page that gets narrower could not, for its unbroken words
    choices_->addButton(choice, i);
    column->addWidget(choice);
    ChoiceMark mark{new QWidget(this), new QLabel(this), new QLabel(this)};
    mark.row->setObjectName(QStringLiteral("lessonMark%1").arg(i));
    mark.word->setObjectName(QStringLiteral("lessonMarkWord%1").arg(i));
    mark.word->setTextFormat(Qt::PlainText);
    auto* row = new QHBoxLayout(mark.row);
    const int indent = style()->pixelMetric(QStyle::PM_ExclusiveIndicatorWidth) +
                       style()->pixelMetric(QStyle::PM_RadioButtonLabelSpacing);
    row->setContentsMargins(indent, 0, 0, 0);
    row->setSpacing(kSpaceTiny);
    row->addWidget(mark.icon);
    row->addWidget(mark.word);
    row->addStretch();
    mark.row->hide();
    column->addWidget(mark.row);
    marks_.push_back(mark);
  }
  color_choices();
  connect(choices_, &QButtonGroup::idToggled, this, &LessonView::refresh);
}

void LessonView::add_experiment(QVBoxLayout* column) {
  column->addSpacing(kSpaceMedium);
  add_heading(column, tr("Run"));
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("lessonMessages"));
  column->addWidget(messages_);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  run_ = new QPushButton(tr("Run the e&xperiment"), this);
  describe(
      run_, "lessonRun", tr("Run the experiment"),
      tr("Trains and measures the bundled model on this machine, in the background; nothing of yours is touched."));
  cancel_ = new QPushButton(tr("&Cancel"), this);
  describe(cancel_, "lessonCancel", tr("Cancel the experiment"), tr("Ends it after the step it is at."));
  progress_ = new QProgressBar(this);
  describe(progress_, "lessonProgress", tr("How far the experiment is"), tr("Of all its runs and passes."));
  progress_->setRange(0, kPerMille);
  run_note_ = make_note({}, this, false);
  run_note_->setObjectName(QStringLiteral("lessonRunNote"));
  row->addWidget(run_);
  row->addWidget(progress_);
  row->addWidget(cancel_);
  row->addWidget(run_note_);
  row->addStretch();
  column->addLayout(row);
  connect(run_, &QPushButton::clicked, this, &LessonView::runWanted);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    cancel_->setEnabled(false);
    Q_EMIT cancelWanted();
  });
}

void LessonView::add_reveal(QVBoxLayout* column) {
  reveal_ = new QWidget(this);
  reveal_->setObjectName(QStringLiteral("lessonReveal"));
  auto* inner = new QVBoxLayout(reveal_);
  inner->setContentsMargins(0, kSpaceMedium, 0, 0);
  inner->setSpacing(kSpaceSmall);
  add_heading(inner, tr("Reveal"));
  auto* verdict_row = new QHBoxLayout;
  verdict_row->setSpacing(kSpaceSmall);
  verdict_icon_ = new QLabel(reveal_);
  verdict_ = new QLabel(reveal_);
  verdict_->setObjectName(QStringLiteral("lessonVerdict"));
  verdict_->setTextFormat(Qt::PlainText);
  verdict_->setWordWrap(true);
  verdict_->setMaximumWidth(character_width(fontMetrics()) * kTextColumn);
  paragraphs_.push_back(verdict_);
  verdict_row->addWidget(verdict_icon_, 0, Qt::AlignTop);
  verdict_row->addWidget(verdict_, 1);
  verdict_row->addStretch();
  inner->addLayout(verdict_row);
  plot_ = new CurvePlot(reveal_);
  describe(plot_, "lessonPlot", tr("Loss of the runs"),
           tr("The loss of every run by steps. Left and right arrow read values; L makes the axis logarithmic."));
  plot_->setAxes(tr("optimizer step"), tr("loss, nats"));
  plot_->setMinimumHeight(fontMetrics().height() * kPlotLines);
  inner->addWidget(plot_);
  table_ = new QTableWidget(reveal_);
  describe(table_, "lessonTable", tr("What was measured"), tr("One row a run or pass of the experiment."));
  table_->setItemDelegate(new RoomyDelegate(table_));
  show_as_rows(table_);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  connect(table_->horizontalScrollBar(), &QScrollBar::rangeChanged, this, &LessonView::fit_table);
  inner->addWidget(table_);
  findings_ = new QVBoxLayout;
  findings_->setSpacing(kSpaceSmall);
  inner->addLayout(findings_);
  remember_ = new QLabel(tr("To keep: %1").arg(text_.remember), reveal_);
  remember_->setObjectName(QStringLiteral("lessonRemember"));
  remember_->setTextFormat(Qt::PlainText);
  remember_->setWordWrap(true);
  remember_->setFrameShape(QFrame::StyledPanel);
  remember_->setMargin(kSpaceMedium);
  remember_->setMaximumWidth(character_width(fontMetrics()) * kTextColumn);
  paragraphs_.push_back(remember_);
  add_note(inner, remember_);
  next_ = new QPushButton(tr("&Next lesson"), reveal_);
  describe(next_, "lessonNext", tr("Next lesson"), tr("Goes on to the lesson below in the list."));
  auto* next_row = new QHBoxLayout;
  next_row->addWidget(next_);
  next_row->addStretch();
  inner->addLayout(next_row);
  connect(next_, &QPushButton::clicked, this, &LessonView::nextWanted);
  reveal_->hide();
  column->addWidget(reveal_);
}

void LessonView::refresh() {
  const bool is_predicted = choices_->checkedId() >= 0;
  run_->setVisible(!is_running_);
  const bool is_revealed = reveal_->isVisibleTo(this);
  run_->setText(is_revealed ? tr("Run it &again") : tr("Run the e&xperiment"));
  run_->setAccessibleName(is_revealed ? tr("Run the experiment again") : tr("Run the experiment"));
  run_->setEnabled(is_predicted && obstacle_.isEmpty());
  progress_->setVisible(is_running_);
  cancel_->setVisible(is_running_);
  for (QAbstractButton* choice : choices_->buttons()) choice->setEnabled(!is_running_ && !is_revealed);
  QString note;
  if (is_running_) {
    note = {};
  } else if (!obstacle_.isEmpty()) {
    note = obstacle_;
  } else if (!is_predicted) {
    note = tr("Choose what you expect first.");
  }
  run_note_->setText(note);
  run_note_->setVisible(!note.isEmpty());
}

void LessonView::set_obstacle(const QString& sentence) {
  obstacle_ = sentence;
  refresh();
}

void LessonView::show_progress(double fraction) {
  if (!is_running_) {
    is_running_ = true;
    cancel_->setEnabled(true);
    messages_->hide();
    // The button that is hidden now would hand the focus to whatever comes next in the window.
    const bool had_focus = run_->hasFocus();
    refresh();
    if (had_focus) cancel_->setFocus(Qt::OtherFocusReason);
  }
  progress_->setValue(static_cast<int>(fraction * kPerMille));
}

void LessonView::end_experiment() {
  const bool had_focus = cancel_->hasFocus();
  is_running_ = false;
  refresh();
  if (had_focus) take_focus();
}

void LessonView::show_cancelled() {
  end_experiment();
  messages_->showMessage(MessageLevel::kInfo, tr("Cancelled: nothing of it is kept."));
}

void LessonView::show_failure(const QString& sentence) {
  end_experiment();
  messages_->showMessage(MessageLevel::kError, sentence);
}

QString LessonView::label_of(const std::string& key) const {
  const QString name = QString::fromStdString(key);
  return text_.labels.value(name, name);
}

void LessonView::show_result(const LessonResult& result) {
  is_running_ = false;
  const bool is_right = choices_->checkedId() == text_.answer;
  const int side = fontMetrics().height();
  verdict_icon_->setPixmap(
      state_icon(is_right ? StateShape::kCircle : StateShape::kInfo, palette(), side).pixmap(side, side));
  verdict_->setText(is_right ? text_.right : text_.wrong);
  mark_choices();
  std::vector<NamedCurve> curves;
  for (const LessonCurve& curve : result.curves) {
    NamedCurve named{label_of(curve.key), {}};
    for (const auto& [step, loss] : curve.points) named.points.emplace_back(step, loss);
    curves.push_back(std::move(named));
  }
  plot_->setVisible(!curves.empty());
  plot_->setCurves(std::move(curves));
  fill_table(result);
  while (QLayoutItem* old = findings_->takeAt(0)) {
    if (QLayout* row = old->layout()) {
      while (QLayoutItem* item = row->takeAt(0)) {
        std::erase(paragraphs_, item->widget());
        if (item->widget() != nullptr) item->widget()->deleteLater();
        delete item;
      }
    }
    delete old;
  }
  const std::map<std::string, std::string> values = said_values(result);
  for (const QString& paragraph : text_.reveal) add_paragraph(findings_, filled_in(paragraph, values));
  reveal_->show();
  refresh();
  take_focus();
}

void LessonView::mark_choices() {
  const int side = fontMetrics().height();
  for (int i = 0; i < static_cast<int>(marks_.size()); ++i) {
    const ChoiceMark& mark = marks_[static_cast<std::size_t>(i)];
    const bool is_right = i == text_.answer, is_taken = i == choices_->checkedId();
    mark.row->setVisible(is_right || is_taken);
    if (!is_right && !is_taken) continue;
    const QString word = is_right && is_taken ? tr("Right, and your choice")
                         : is_right           ? tr("Right")
                                              : tr("Your choice, not right");
    mark.icon->setPixmap(
        state_icon(is_right ? StateShape::kCircle : StateShape::kOctagon, palette(), side).pixmap(side, side));
    mark.word->setText(word);
    choices_->button(i)->setAccessibleDescription(word);
  }
}

std::map<std::string, std::string> LessonView::said_values(const LessonResult& result) const {
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : result.values) {
    const QString label = text_.labels.value(QString::fromStdString(value));
    values[key] = (label.isEmpty() ? engine_text(value) : label).toStdString();
  }
  return values;
}

void LessonView::fill_table(const LessonResult& result) {
  table_->setColumnCount(static_cast<int>(result.columns.size()) + 1);
  table_->setRowCount(static_cast<int>(result.rows.size()));
  QStringList headers = {QString()};
  for (const std::string& column : result.columns) headers << label_of(column);
  QList<int> figures;
  for (int column = 1; column < headers.size(); ++column) figures << column;
  set_headings(table_, headers, figures);
  for (int row = 0; row < table_->rowCount(); ++row) {
    const LessonRow& measured = result.rows[static_cast<std::size_t>(row)];
    table_->setItem(row, 0, new QTableWidgetItem(label_of(measured.key)));
    for (std::size_t column = 0; column < measured.cells.size(); ++column) {
      auto* item = new QTableWidgetItem(label_of(measured.cells[column]));
      item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      table_->setItem(row, static_cast<int>(column) + 1, item);
    }
  }
  fit_table();
}

void LessonView::fit_table() {
  table_->resizeRowsToContents();
  int height = table_->horizontalHeader()->sizeHint().height() + 2 * table_->frameWidth();
  for (int row = 0; row < table_->rowCount(); ++row) height += table_->rowHeight(row);
  const QScrollBar* bar = table_->horizontalScrollBar();
  if (bar->maximum() > 0) height += bar->sizeHint().height();
  table_->setFixedHeight(height + kSpaceTiny);
}

void LessonView::take_focus() {
  QWidget* next = run_;
  if (reveal_->isVisibleTo(this)) {
    // Not the button below: a key pressed once more would leave what is not read yet.
    next = plot_->isVisibleTo(this) ? static_cast<QWidget*>(plot_) : table_;
  } else if (choices_->checkedId() < 0) {
    next = choices_->buttons().front();
  }
  next->setFocus(Qt::OtherFocusReason);
}

void LessonView::set_scale(double scale) {
  scale_ = scale;
  QFont base = QApplication::font();
  base.setPointSizeF(base.pointSizeF() * scale);
  setFont(base);
  for (QLabel* heading : headings_) heading->setFont(heading_font(base));
  const int width = character_width(QFontMetrics(base)) * kTextColumn;
  for (QLabel* paragraph : paragraphs_) paragraph->setMaximumWidth(width);
  break_choices();
  fit_table();
}

void LessonView::break_choices() {
  const QFontMetrics metrics(font());
  const int indicator = style()->pixelMetric(QStyle::PM_ExclusiveIndicatorWidth) +
                        style()->pixelMetric(QStyle::PM_RadioButtonLabelSpacing);
  const QMargins margins = layout()->contentsMargins();
  const int width = std::min(character_width(metrics) * kTextColumn,
                             this->width() - margins.left() - margins.right() - indicator - kSpaceTiny);
  for (int i = 0; i < text_.choices.size(); ++i) {
    choices_->button(i)->setText(broken(text_.choices[i], font(), std::max(width, metrics.height())));
  }
}

void LessonView::color_choices() {
  // This role alone: what has all of them would not hear of a new palette.
  QPalette own;
  own.setColor(QPalette::Disabled, QPalette::WindowText, secondary_text(palette()));
  for (QAbstractButton* choice : choices_->buttons()) choice->setPalette(own);
}

void LessonView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  break_choices();
}

void LessonView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && choices_ != nullptr) color_choices();
  // After the headings have taken the new font.
  if (event->type() == QEvent::ApplicationFontChange) {
    QMetaObject::invokeMethod(
        this, [this] { set_scale(scale_); }, Qt::QueuedConnection);
  }
}

void LessonView::set_has_next(bool has_next) {
  next_->setVisible(has_next);
}

}  // namespace vernier::ui
