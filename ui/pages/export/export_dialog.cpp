#include "ui/pages/export/export_dialog.h"

#include <QDesktopServices>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QUrl>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/session/demo_session.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kPauseInTyping = std::chrono::milliseconds(300);
constexpr int kIconSize = 16;
constexpr int kTextColumns = 92;

}  // namespace

ExportDialog::ExportDialog(Workbench& workbench, const QString& run_dir, QWidget* parent)
    : QDialog(parent), workbench_(workbench), run_dir_(run_dir) {
  setObjectName(QStringLiteral("exportDialog"));
  setAttribute(Qt::WA_DeleteOnClose);
  const QString name = QFileInfo(QDir::cleanPath(run_dir)).fileName();
  setWindowTitle(tr("Export %1").arg(name));
  setMinimumWidth(character_width(fontMetrics()) * kTextColumns);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kSpaceLarge, kSpaceLarge, kSpaceLarge, kSpaceLarge);
  column->setSpacing(kSpaceSmall);
  column->addWidget(make_heading(tr("Export %1").arg(name), this));

  const bool has_adapter = QFileInfo::exists(DemoSession::adapter_of(run_dir));
  const bool has_weights = has_adapter || QFileInfo::exists(QDir(run_dir).filePath(QStringLiteral("model")));
  kinds_ = new QButtonGroup(this);
  add_kind(column, ExportKind::kAdapter, "exportAdapter", tr("&Adapter (PEFT)"),
           tr("The trained matrices alone: small, and used beside the base model."), has_adapter);
  add_kind(column, ExportKind::kMerged, "exportMerged", tr("&Merged checkpoint (Transformers)"),
           tr("The whole model with what was learnt added in."), has_weights);
  add_kind(column, ExportKind::kGguf, "exportGguf", tr("&GGUF (llama.cpp)"),
           tr("One file with model and tokenizer, for llama.cpp and the programs built on it."), has_weights);
  add_kind(column, ExportKind::kFilm, "exportFilm", tr("&Film of the run (HTML)"),
           tr("Curves, configuration, tokens and captured logits in one file that any browser opens, without model or "
              "network."),
           true);
  column->addWidget(make_fields());

  auto* state = new QHBoxLayout;
  state->setSpacing(kSpaceSmall);
  icon_ = new QLabel(this);
  icon_->setFixedSize(kIconSize, kIconSize);
  told_ = new QLabel(this);
  told_->setObjectName(QStringLiteral("exportState"));
  told_->setTextFormat(Qt::PlainText);
  told_->setWordWrap(true);
  told_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  told_->setMinimumHeight(fontMetrics().lineSpacing() * 3);
  told_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  state->addWidget(icon_, 0, Qt::AlignTop);
  state->addWidget(told_, 1);
  column->addLayout(state);
  progress_ = new QProgressBar(this);
  describe(progress_, "exportProgress", tr("Progress of the export"), tr("How far the present part of the export is."));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  column->addWidget(progress_);
  column->addStretch(1);

  auto* buttons = new QHBoxLayout;
  open_ = new QPushButton(tr("&Open folder"), this);
  describe(open_, "exportOpenFolder", tr("Open folder"), tr("Shows what was written in the desktop's file manager."));
  start_ = new QPushButton(tr("&Export"), this);
  describe(start_, "exportStart", tr("Export"),
           tr("Writes aside, reads back what was written, compares it with the live model, and only then gives it its "
              "name. Where anything fails, nothing is left."));
  start_->setDefault(true);
  cancel_ = new QPushButton(tr("&Cancel"), this);
  describe(cancel_, "exportCancel", tr("Cancel the export"), tr("Stops; nothing of what was written is left."));
  close_ = new QPushButton(tr("C&lose"), this);
  describe(close_, "exportClose", tr("Close"), tr("Closes this window."));
  buttons->addWidget(open_);
  buttons->addStretch(1);
  for (QPushButton* button : {start_, cancel_, close_}) buttons->addWidget(button);
  column->addLayout(buttons);

  plan_timer_.setSingleShot(true);
  plan_timer_.setInterval(kPauseInTyping);
  connect(&plan_timer_, &QTimer::timeout, this, &ExportDialog::plan);
  connect(kinds_, &QButtonGroup::idToggled, this, [this](int, bool on) {
    if (on) kind_changed();
  });
  connect(open_, &QPushButton::clicked, this, &ExportDialog::open_folder);
  connect(start_, &QPushButton::clicked, this, &ExportDialog::start);
  connect(cancel_, &QPushButton::clicked, &session_, &ExportSession::cancel);
  connect(close_, &QPushButton::clicked, this, &QWidget::close);
  connect(&session_, &ExportSession::planned, this, [this](const ExportPlan& plan) {
    if (is_outdated()) return;
    can_start_ = true;
    QStringList lines = {tr("%1 in %2 tensors (%3); %4 are free there.")
                             .arg(byte_count(plan.bytes), grouped(plan.num_tensors), QString::fromStdString(plan.dtype),
                                  byte_count(plan.free_bytes))};
    for (const std::string& warning : plan.warnings) lines << engine_text(warning);
    tell(plan.warnings.empty() ? StateShape::kInfo : StateShape::kTriangle, lines.join(QLatin1Char('\n')));
  });
  connect(&session_, &ExportSession::refused, this, [this](const QString& sentence) {
    if (is_outdated()) return;
    can_start_ = false;
    tell(StateShape::kOctagon, sentence);
  });
  connect(&session_, &ExportSession::progressed, this, [this] {
    progress_->setValue(static_cast<int>(1000.0 * session_.fraction()));
    tell(StateShape::kHollow,
         session_.stage().isEmpty() ? tr("Beginning\u2026") : tr("%1\u2026").arg(session_.stage()));
  });
  connect(&session_, &ExportSession::finished, this, &ExportDialog::tell_result);
  connect(&session_, &ExportSession::filmed, this, [this](const FilmResult& result) {
    written_ = QString::fromStdString(result.path);
    can_start_ = false;
    QStringList lines = {tr("%1 written: %2, with the tokens of %3 steps and %4 captures.")
                             .arg(QDir::toNativeSeparators(written_), byte_count(result.bytes))
                             .arg(result.steps.size())
                             .arg(result.captures)};
    if (result.lost_captures > 0) {
      lines << tr("%n captures are left out: their files are missing or damaged.", nullptr,
                  static_cast<int>(result.lost_captures));
    }
    tell(result.lost_captures > 0 ? StateShape::kTriangle : StateShape::kCircle, lines.join(QLatin1Char('\n')));
  });
  connect(&session_, &ExportSession::failed, this, [this](const QString& sentence) {
    if (sentence.isEmpty()) {
      tell(StateShape::kHollow, tr("Cancelled: nothing was left."));
    } else {
      tell(StateShape::kOctagon, sentence);
    }
  });
  kinds_->button(static_cast<int>(has_adapter ? ExportKind::kAdapter : ExportKind::kFilm))->setChecked(true);
  // A window's first size does not reckon with text that wraps, nor with what shows later.
  const int width = std::max(minimumWidth(), sizeHint().width());
  resize(width, column->heightForWidth(width) + progress_->sizeHint().height() + kSpaceSmall);
}

void ExportDialog::add_kind(QVBoxLayout* column, ExportKind kind, const char* name, const QString& text,
                            const QString& note, bool is_possible) {
  auto* button = new QRadioButton(text, this);
  describe(button, name, without_mnemonic(text), note);
  button->setEnabled(is_possible);
  kinds_->addButton(button, static_cast<int>(kind));
  column->addWidget(button);
  QLabel* why = make_note(is_possible ? note : tr("The run has saved nothing that could be exported so yet."), this);
  why->setContentsMargins(kSpaceHuge, 0, 0, 0);
  add_note(column, why);
}

QWidget* ExportDialog::make_fields() {
  auto* fields = new QWidget(this);
  auto* form = new QFormLayout(fields);
  form->setContentsMargins(0, kSpaceSmall, 0, kSpaceSmall);
  form->setHorizontalSpacing(kSpaceMedium);
  form->setVerticalSpacing(kSpaceSmall);
  dtype_ = new QComboBox(fields);
  describe(dtype_, "exportDtype", tr("Element type"),
           tr("How a number is kept: float32 exactly, bfloat16 and float16 in half the bytes, q8_0 in about a quarter "
              "with a little rounding."));
  dtype_label_ = new QLabel(tr("Element &type"), fields);
  dtype_label_->setBuddy(dtype_);
  form->addRow(dtype_label_, dtype_);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  target_ = new QLineEdit(fields);
  describe(target_, "exportTarget", tr("Where to"),
           tr("A new or empty folder; for GGUF and film the name of a file. Nothing that is there is written over."));
  browse_ = new QPushButton(tr("&Browse\u2026"), fields);
  describe(browse_, "exportBrowse", tr("Browse"), tr("Chooses where to write."));
  browse_->setAutoDefault(false);
  row->addWidget(target_, 1);
  row->addWidget(browse_);
  auto* label = new QLabel(tr("&Where to"), fields);
  label->setBuddy(target_);
  form->addRow(label, row);
  connect(dtype_, &QComboBox::currentIndexChanged, this, &ExportDialog::plan);
  connect(target_, &QLineEdit::textEdited, this, [this] {
    has_typed_ = true;
    can_start_ = false;
    refresh();
    plan_timer_.start();
  });
  connect(browse_, &QPushButton::clicked, this, &ExportDialog::choose_target);
  return fields;
}

ExportKind ExportDialog::kind() const {
  return static_cast<ExportKind>(kinds_->checkedId());
}

ExportRequest ExportDialog::request() const {
  return {kind(), run_dir_, dtype_->currentData().toString(), target_->text().trimmed()};
}

void ExportDialog::kind_changed() {
  const QSignalBlocker quiet(dtype_);
  dtype_->clear();
  const bool has_dtype = kind() != ExportKind::kFilm;
  dtype_->setVisible(has_dtype);
  dtype_label_->setVisible(has_dtype);
  dtype_->addItem(kind() == ExportKind::kAdapter ? tr("float32, as it was trained") : tr("As the checkpoint has it"),
                  QString());
  QStringList names = {QStringLiteral("bfloat16"), QStringLiteral("float16")};
  if (kind() != ExportKind::kAdapter) names.prepend(QStringLiteral("float32"));
  if (kind() == ExportKind::kGguf) names.append(QStringLiteral("q8_0"));
  for (const QString& name : std::as_const(names)) dtype_->addItem(name, name);
  written_.clear();
  if (!has_typed_) propose_target();
  plan();
}

// A name that is still free beside the runs.
void ExportDialog::propose_target() {
  const QString name = QFileInfo(QDir::cleanPath(run_dir_)).fileName();
  const QDir folder(QDir::cleanPath(workbench_.runs_dir() + QStringLiteral("/../exports")));
  for (int number = 1;; ++number) {
    const QString base = number == 1 ? name : QStringLiteral("%1-%2").arg(name).arg(number);
    const QString path = folder.filePath(kind() == ExportKind::kAdapter  ? base + QStringLiteral("-adapter")
                                         : kind() == ExportKind::kMerged ? base + QStringLiteral("-merged")
                                         : kind() == ExportKind::kGguf   ? base + QStringLiteral(".gguf")
                                                                         : base + QStringLiteral(".html"));
    if (QFileInfo::exists(path)) continue;
    target_->setText(QDir::toNativeSeparators(path));
    return;
  }
}

void ExportDialog::choose_target() {
  const bool is_file = kind() == ExportKind::kGguf || kind() == ExportKind::kFilm;
  const QString filter = kind() == ExportKind::kGguf ? tr("GGUF (*.gguf)") : tr("HTML (*.html)");
  // A folder is named as a file is: it is to be a new one.
  auto* dialog = new QFileDialog(this, is_file ? tr("Export as") : tr("Export into a new folder"), target_->text());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setFileMode(QFileDialog::AnyFile);
  dialog->setOption(QFileDialog::DontConfirmOverwrite);
  if (is_file) dialog->setNameFilter(filter);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    has_typed_ = true;
    target_->setText(QDir::toNativeSeparators(path));
    plan();
  });
  dialog->open();
}

void ExportDialog::plan() {
  if (session_.is_busy()) return;
  plan_timer_.stop();
  can_start_ = false;
  written_.clear();
  if (kind() == ExportKind::kFilm) {
    can_start_ = !target_->text().trimmed().isEmpty() && !QFileInfo::exists(target_->text().trimmed());
    if (can_start_) {
      tell(StateShape::kInfo,
           tr("Usually some megabytes: the worst sequences and the tokens of chosen steps go along."));
    } else {
      tell(StateShape::kOctagon, target_->text().trimmed().isEmpty()
                                     ? tr("Name the file to write.")
                                     : tr("A file of that name is there. Choose another name."));
    }
    return;
  }
  tell(StateShape::kHollow, tr("Looking at what it would be\u2026"));
  session_.plan(request());
}

bool ExportDialog::is_outdated() const {
  return plan_timer_.isActive() || session_.is_busy();
}

void ExportDialog::start() {
  if (!can_start_ || session_.is_busy()) return;
  plan_timer_.stop();  // what is told now is how it goes
  written_.clear();
  session_.start(request());
  refresh();
}

void ExportDialog::tell(StateShape shape, const QString& text) {
  shape_ = shape;
  told_->setText(text);
  told_->setAccessibleName(text);
  refresh();
  grow_to_text();
}

void ExportDialog::tell_result(const ExportResult& result) {
  written_ = QString::fromStdString(result.path);
  can_start_ = false;
  const ExportCheck& check = result.check;
  QStringList lines = {
      tr("%1 written: %2 in %3 tensors (%4).")
          .arg(QDir::toNativeSeparators(written_), byte_count(result.bytes), grouped(result.num_tensors),
               QString::fromStdString(result.dtype)),
      tr("Read back and compared with the live model at %1 positions: it %2. Its logits differ by %3 of their length "
         "(%4 is tolerated), and %5 of the likeliest tokens are the same.")
          .arg(grouped(check.num_positions), engine_text(to_string(check.verdict)),
               figure(check.relative_difference, 2), figure(check.tolerance, 2), percent(check.argmax_agreement))};
  for (const std::string& warning : result.warnings) lines << engine_text(warning);
  tell(shape_of(check.verdict), lines.join(QLatin1Char('\n')));
}

void ExportDialog::grow_to_text() {
  // Text that wraps asks for no room of its own accord.
  const int wanted = layout()->totalHeightForWidth(width());
  if (wanted > height()) resize(width(), wanted);
}

void ExportDialog::open_folder() {
  const QFileInfo info(written_);
  QDesktopServices::openUrl(QUrl::fromLocalFile(info.isDir() ? info.absoluteFilePath() : info.absolutePath()));
}

void ExportDialog::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && icon_ != nullptr) refresh();
}

void ExportDialog::refresh() {
  const bool is_busy = session_.is_busy();
  icon_->setPixmap(state_icon(shape_, palette(), kIconSize).pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  const bool had_focus = start_->hasFocus() || cancel_->hasFocus();
  progress_->setVisible(is_busy);
  open_->setVisible(!written_.isEmpty());
  start_->setVisible(!is_busy);
  start_->setEnabled(can_start_);
  cancel_->setVisible(is_busy);
  for (QWidget* field :
       {static_cast<QWidget*>(dtype_), static_cast<QWidget*>(target_), static_cast<QWidget*>(browse_)}) {
    field->setEnabled(!is_busy);
  }
  for (QAbstractButton* button : kinds_->buttons()) {
    button->setAttribute(Qt::WA_TransparentForMouseEvents, is_busy);
    button->setFocusPolicy(is_busy ? Qt::NoFocus : Qt::StrongFocus);
  }
  if (had_focus) (is_busy ? cancel_ : start_->isEnabled() ? start_ : close_)->setFocus(Qt::OtherFocusReason);
}

}  // namespace vernier::ui
