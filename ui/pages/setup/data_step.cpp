#include "ui/pages/setup/data_step.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QMimeData>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/setup/column_mapping.h"
#include "ui/pages/setup/setup_section.h"
#include "ui/pages/setup/template_choice.h"
#include "ui/session/recent_paths.h"
#include "ui/session/workbench.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kTableLines = 11;
constexpr int kWidestColumn = 44;  // characters

QString dropped_file(const QMimeData& data) {
  const QList<QUrl> urls = data.urls();
  if (urls.size() != 1 || !urls.front().isLocalFile()) return {};
  const QString path = urls.front().toLocalFile();
  return QFileInfo(path).isFile() && !path.endsWith(QLatin1String("run.json")) ? path : QString();
}

void set_data(RunConfig& config, const std::string& path) {
  config.batch.reset();
  config.dataset = DatasetOptions{.path = path, .format = "auto", .columns = {}};
}

QString file_name(const std::string& path) {
  return QFileInfo(QString::fromStdString(path)).fileName();
}

// The last column takes the room that is left, and never less than its own width.
class RowsTable : public QTableView {
 public:
  using QTableView::QTableView;
  void set_last_width(int least) {
    least_ = least;
    fill();
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QTableView::resizeEvent(event);
    fill();
  }

 private:
  void fill() {
    const int last = horizontalHeader()->count() - 1;
    if (last < 1) return;
    const int others = horizontalHeader()->length() - horizontalHeader()->sectionSize(last);
    horizontalHeader()->resizeSection(last, std::max(least_, viewport()->width() - others));
  }

  int least_ = 0;
};

}  // namespace

DataStep::DataStep(Workbench& workbench, Actions&, QWidget* parent)
    : SetupStep(parent), data_(DataSession::of(workbench)) {
  setObjectName(QStringLiteral("dataStep"));
  setAcceptDrops(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(make_file());
  rows_ = make_rows();
  layout->addWidget(rows_);
  auto* split =
      new SetupSection("dataSplit", tr("What is held back"),
                       tr("Rows that are not learnt from, to see whether the model gets better at what it has "
                          "not read."),
                       this);
  evaluation_ = new EvaluationChoice(data_, split);
  split->add(evaluation_);
  layout->addWidget(split);
  auto* turns = new SetupSection("dataTemplate", tr("How turns are laid out"),
                                 tr("Conversations become one text with marks between the turns."), this);
  turns->add(new TemplateChoice(data_, turns));
  layout->addWidget(turns);
  layout->addStretch(1);

  connect(&data_.draft(), &RunDraft::changed, this, &DataStep::refresh);
  connect(&data_, &DataSession::sampleChanged, this, &DataStep::show_sample);
  connect(&data_, &DataSession::readingChanged, this, &DataStep::refresh);
  connect(&data_, &DataSession::inspectorChanged, this, &DataStep::refresh);
  connect(&data_, &DataSession::scanChanged, this, &DataStep::refresh);
  connect(&data_, &DataSession::demoFound, this, &DataStep::refresh);
  show_sample();
}

QWidget* DataStep::make_file() {
  auto* section = new SetupSection("dataFile", tr("Which rows"),
                                   tr("JSONL, JSON, CSV, TSV or plain text, also compressed (gzip, zstd). Drop a file "
                                      "anywhere here."),
                                   this);
  section->stand_first();
  path_ = new PathField(
      data_.draft(),
      {"dataset.path", tr("&Data file"), tr("Its rows are what the model learns; the file is only read."), {}},
      PathField::Kind::kFile, [](const RunConfig& config) { return QString::fromStdString(config.dataset.path); },
      [](RunConfig& config, const QString& path) {
        set_data(config, path.toStdString());
        if (!path.isEmpty()) remember_path(PathKind::kData, path);
      },
      section);
  section->add(path_);
  section->add(new SwitchField(
      data_.draft(),
      {"drop_duplicates",
       tr("Drop d&uplicates"),
       tr("Of rows with the same tokens and labels the first alone is learnt from; the others would count again."),
       {}},
      [](const RunConfig& config) { return config.drop_duplicates; },
      [](RunConfig& config, bool on) { config.drop_duplicates = on; }, section));
  auto* ways = new QWidget(section);
  auto* flow = new FlowLayout(kSpaceSmall, kSpaceSmall, ways);
  recent_ = new FocusButton(ways);
  describe(recent_, "recentData", tr("Recent data files"), tr("Data files that were used lately."));
  recent_->setText(tr("Recent"));
  recent_->setPopupMode(QToolButton::InstantPopup);
  recent_->setFocusPolicy(Qt::StrongFocus);
  recent_->setMenu(new QMenu(recent_));
  connect(recent_->menu(), &QMenu::aboutToShow, this, &DataStep::fill_recent);
  flow->addWidget(recent_);
  demo_ = new QPushButton(tr("Use the bundled set"), ways);
  describe(demo_, "useDemoData", tr("Use the bundled set"),
           tr("Short questions and the answers of an old sea captain, with held-out ones to evaluate on: made for the "
              "bundled model, and right for a first try with any."));
  connect(demo_, &QPushButton::clicked, this, &DataStep::take_demo);
  flow->addWidget(demo_);
  auto* again = new QPushButton(tr("Read again"), ways);
  describe(again, "reloadData", tr("Read the file again"),
           tr("Reads the file from the disk anew. A change on the disk is noticed by itself, too."));
  connect(again, &QPushButton::clicked, &data_, &DataSession::reload);
  flow->addWidget(again);
  section->add(ways);
  findings_ = new FindingList(section);
  findings_->setObjectName(QStringLiteral("dataFindings"));
  connect(findings_, &FindingList::actionTriggered, this, &DataStep::act);
  section->add(findings_);
  return section;
}

QWidget* DataStep::make_rows() {
  auto* section = new SetupSection("dataRows", tr("How they are read"), {}, this);
  section->add(new ColumnMapping(data_, section));
  auto* splitter = new QSplitter(Qt::Horizontal, section);
  splitter->setObjectName(QStringLiteral("dataSplitter"));
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(make_table());
  preview_ = new RowPreview(data_, splitter);
  splitter->addWidget(preview_);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 2);
  splitter->setMinimumHeight((fontMetrics().height() + 2 * kSpaceTiny) * kTableLines);
  section->add(splitter);
  auto* below = new QWidget(section);
  auto* flow = new FlowLayout(kSpaceSmall, kSpaceTiny, below);
  shown_ = make_note({}, below, false);
  shown_->setObjectName(QStringLiteral("shownRows"));
  flow->addWidget(shown_);
  more_ = new QPushButton(tr("Show more"), below);
  describe(more_, "moreRows", tr("Show more rows"), tr("Reads four times as many rows of the file into the table."));
  connect(more_, &QPushButton::clicked, &data_, &DataSession::read_more);
  flow->addWidget(more_);
  section->add(below);
  return section;
}

QWidget* DataStep::make_table() {
  table_ = new RowsTable(this);
  describe(table_, "dataTable", tr("Rows of the file"),
           tr("The file's rows as they are, one line each. The chosen one stands beside it as it is understood."));
  table_->setModel(&sample_);
  show_as_rows(table_);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->setWordWrap(false);
  // All of one height: nothing has to be measured.
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * kSpaceTiny);
  table_->horizontalHeader()->setHighlightSections(false);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& current) { preview_->show_row(current.isValid() ? current.row() : -1); });
  return table_;
}

void DataStep::fill_recent() {
  QMenu* menu = recent_->menu();
  menu->clear();
  for (const QString& path : recent_paths(PathKind::kData)) {
    QAction* action = menu->addAction(QFileInfo(path).fileName(), this, [this, path] { path_->choose(path); });
    action->setToolTip(path);
  }
  menu->setToolTipsVisible(true);
  if (menu->isEmpty()) menu->addAction(tr("None yet"))->setEnabled(false);
}

void DataStep::take_demo() {
  const RunConfig& demo = data_.demo()->config;
  data_.draft().edit(tr("use the bundled data"), [&demo](RunConfig& config) {
    config.batch.reset();
    config.dataset = demo.dataset;
    config.eval_dataset = demo.eval_dataset;
    config.eval_fraction = demo.eval_fraction;
    config.assistant_only_loss = demo.assistant_only_loss;
    config.completion_only_loss = demo.completion_only_loss;
  });
}

void DataStep::show_sample() {
  const std::optional<DataSample>& sample = data_.sample();
  if (!sample && data_.sample_stage() == Stage::kWorking && data_.config().dataset.path == sample_path_) {
    refresh();
    return;  // the old rows stay until the new ones are there
  }
  const int row = table_->currentIndex().row();
  const bool same = sample && sample->path() == sample_path_;
  sample_path_ = sample ? sample->path() : std::string();
  sample_.set_sample(sample);
  if (sample) {
    const int widest = character_width(fontMetrics()) * kWidestColumn;
    const int columns = sample_.columnCount();
    for (int column = 0; column < columns; ++column) {
      const int wanted = table_->horizontalHeader()->sectionSizeHint(column) + kSpaceLarge;
      const int usual = columns <= 3 ? 3 * widest / 4 : widest / 2;
      table_->setColumnWidth(column, column == 0 ? wanted : std::max(wanted, usual));
    }
    static_cast<RowsTable*>(table_)->set_last_width(table_->columnWidth(columns - 1));
    if (columns > 1) table_->selectRow(std::clamp(same ? row : 0, 0, std::max(0, sample_.rowCount() - 1)));
  }
  preview_->show_row(table_->currentIndex().isValid() ? table_->currentIndex().row() : -1);
  refresh();
}

QString DataStep::shown_rows() const {
  const std::optional<DataSample>& sample = data_.sample();
  if (!sample) return {};
  const QString of = file_name(sample->path());
  if (sample->is_plain_text()) {
    return tr("A plain text, shown in %1 stretches; it is cut into rows of max_length tokens.")
        .arg(grouped(sample->size()));
  }
  if (sample->is_whole()) return tr("All %1 rows of %2.").arg(grouped(sample->size()), of);
  return tr("The first %1 of about %2 rows of %3; all are read for the labels.")
      .arg(grouped(sample->size()), grouped(sample->rows_guess()), of);
}

Finding DataStep::format_finding() const {
  const SampleReading& reading = *data_.reading();
  const QString name = format_name(QString::fromStdString(reading.format));
  QStringList keys;
  for (const SampleColumn& column : reading.columns) {
    if (column.required && !column.key.empty())
      keys << QStringLiteral("\u201c%1\u201d").arg(QString::fromStdString(column.key));
  }
  Finding out{"format", StateShape::kCircle, {}, {}, {}};
  if (data_.sample()->is_plain_text()) {
    out.sentence = tr("Plain text, certainly: the file holds no rows of JSON and no table.");
  } else if (reading.chosen) {
    out.sentence = tr("%1, as you chose.").arg(name);
  } else if (reading.rows_failed > 0) {
    out.shape = StateShape::kTriangle;
    out.sentence =
        tr("%1, doubtful: the first row has %2, but not every row can be read so.").arg(name, keys.join(tr(" and ")));
  } else if (!reading.rivals.empty()) {
    QStringList rivals;
    for (const std::string& rival : reading.rivals) rivals << format_name(QString::fromStdString(rival));
    out.sentence = tr("%1, likely: every row shown has %2. The columns would do for %3 as well.")
                       .arg(name, keys.join(tr(" and ")), rivals.join(tr(" and ")));
  } else {
    out.sentence = tr("%1, certain: every row shown has %2.").arg(name, keys.join(tr(" and ")));
  }
  return out;
}

QList<Finding> DataStep::findings() const {
  const RunConfig& config = data_.config();
  QList<Finding> out;
  if (config.batch) {
    out.append({"batch",
                StateShape::kInfo,
                tr("This run learns from one batch file at every step: %1.").arg(QString::fromStdString(*config.batch)),
                tr("Use a data file instead"),
                {}});
    return out;
  }
  if (data_.sample_stage() == Stage::kFailed) {
    out.append({"file", StateShape::kOctagon, data_.sample_problem(), {}, {}});
  }
  if (!data_.sample() || !data_.reading()) return out;
  const SampleReading& reading = *data_.reading();
  if (!reading.problem.empty()) {
    const bool can_reset = config.dataset.format != "auto" || !config.dataset.columns.empty();
    out.append({"mapping", StateShape::kOctagon, engine_text(reading.problem),
                can_reset ? tr("Recognise anew") : QString(),
                tr("Forgets the chosen format and columns, and looks at the first row again.")});
  } else {
    out.append(format_finding());
  }
  if (!data_.sample()->problem().empty()) {
    out.append({"cut", StateShape::kOctagon, engine_text(data_.sample()->problem()), {}, {}});
  }
  if (reading.rows_failed > 0) {
    out.append({"failed",
                StateShape::kOctagon,
                with_grouped(tr("Rows that cannot be read: %n. A run would stop there: %1", nullptr,
                                static_cast<int>(reading.rows_failed)),
                             reading.rows_failed)
                    .arg(engine_text(reading.first_problem)),
                tr("Go to it"),
                {}});
  }
  if (reading.placeholders > 0) {
    out.append({"placeholders",
                StateShape::kTriangle,
                with_grouped(tr("Rows with a placeholder such as {{name}} that was never filled in: %n. The model "
                                "would learn to "
                                "say it.",
                                nullptr, static_cast<int>(reading.placeholders)),
                             reading.placeholders),
                {},
                {}});
  }
  const bool has_template = data_.inspector() == nullptr || data_.inspector()->has_chat_template();
  if (!has_template && has_turns(reading.format)) {
    out.append({"template",
                StateShape::kTriangle,
                tr("The model has no chat template: turns are laid out in Alpaca's way unless you choose one below."),
                {},
                {}});
  }
  if (data_.inspector_stage() == Stage::kFailed && !config.chat_template.empty()) {
    out.append(
        {"templateFile", StateShape::kOctagon, data_.inspector_problem(), tr("Use the model's own template"), {}});
  }
  if (const QString problem = evaluation_->problem(); !problem.isEmpty()) {
    out.append({"evaluation", StateShape::kOctagon, problem, {}, {}});
  }
  return out;
}

void DataStep::act(const QString& finding) {
  if (finding == QLatin1String("batch")) {
    data_.draft().edit(tr("use a data file"), [](RunConfig& config) { config.batch.reset(); });
    path_->control()->setFocus();
  } else if (finding == QLatin1String("mapping")) {
    data_.draft().edit(tr("recognise the data's format"), [](RunConfig& config) {
      config.dataset.format = "auto";
      config.dataset.columns.clear();
    });
    path_->control()->setFocus();
  } else if (finding == QLatin1String("failed")) {
    table_->selectRow(static_cast<int>(data_.reading()->first_failed));
    table_->setFocus(Qt::OtherFocusReason);
  } else if (finding == QLatin1String("templateFile")) {
    data_.draft().edit(tr("use the model's chat template"), [](RunConfig& config) { config.chat_template.clear(); });
    path_->control()->setFocus();
  }
}

void DataStep::refresh() {
  findings_->setFindings(findings());
  demo_->setVisible(data_.demo().has_value());
  rows_->setVisible(data_.sample_stage() != Stage::kNone && data_.sample_stage() != Stage::kFailed);
  shown_->setText(shown_rows());
  more_->setVisible(data_.sample() && !data_.sample()->is_whole() && data_.sample()->problem().empty());
  QHash<QString, QString> names;
  if (data_.reading()) {
    for (const SampleColumn& column : data_.reading()->columns) {
      if (!column.key.empty()) names[QString::fromStdString(column.key)] = QString::fromStdString(column.name);
    }
  }
  sample_.set_names(names);
  Q_EMIT stateChanged();
}

SetupStep::State DataStep::state() const {
  if (data_.config().batch) return State::kGood;
  if (data_.sample_stage() == Stage::kFailed) return State::kBad;
  if (!data_.sample() || !data_.reading()) return State::kEmpty;
  State out = State::kGood;
  for (const Finding& finding : findings()) {
    if (finding.shape == StateShape::kOctagon) return State::kBad;
    if (finding.shape == StateShape::kTriangle) out = State::kWarning;
  }
  return out;
}

QString DataStep::summary() const {
  const RunConfig& config = data_.config();
  if (config.batch) return tr("One batch file: %1").arg(file_name(*config.batch));
  if (config.dataset.path.empty()) return tr("No data chosen");
  const QString name = file_name(config.dataset.path);
  if (data_.sample_stage() == Stage::kFailed) return tr("%1 cannot be read").arg(name);
  if (!data_.sample() || !data_.reading()) return tr("Reading %1\u2026").arg(name);
  for (const Finding& finding : findings()) {
    if (finding.shape != StateShape::kOctagon) continue;
    // The whole sentence stands in the step, beside the choice of columns.
    if (finding.id == QLatin1String("mapping")) return tr("%1: choose its columns").arg(name);
    return tr("%1: %2").arg(name, finding.sentence);
  }
  const qint64 shown = data_.sample()->size();
  const QString rows = data_.sample()->is_whole()
                           ? with_grouped(tr("rows: %n", nullptr, static_cast<int>(shown)), shown)
                           : tr("about %1 rows").arg(grouped(data_.sample()->rows_guess()));
  QStringList parts = {name, QString::fromStdString(data_.reading()->format), rows};
  if (const QString held = evaluation_->summary(); !held.isEmpty()) parts << held;
  return parts.join(QStringLiteral("\u00a0\u00b7 "));
}

void DataStep::take_focus() {
  if (data_.sample() && table_->isVisible()) {
    table_->setFocus(Qt::OtherFocusReason);
  } else {
    path_->control()->setFocus(Qt::OtherFocusReason);
  }
}

void DataStep::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped_file(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void DataStep::dropEvent(QDropEvent* event) {
  const QString path = dropped_file(*event->mimeData());
  if (path.isEmpty()) return;
  event->acceptProposedAction();
  path_->choose(path);
}

}  // namespace vernier::ui
