#include "ui/pages/setup/lora_diagram.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <utility>

#include "ui/pages/setup/picture_menu.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kArrow = 4;
const std::string kAllLinear = "all-linear";

bool is_adapted(const RunConfig& config, const std::string& name) {
  const std::vector<std::string>& targets = config.lora.target_modules;
  return std::ranges::any_of(targets, [&name](const std::string& target) {
    return target == kAllLinear || target == name || target.ends_with("." + name);
  });
}

void paint_arrow(QPainter& painter, const QPointF& from, const QPointF& to) {
  QPainterPath path(from);
  const double middle = (from.x() + to.x()) / 2.0;
  path.cubicTo(QPointF(middle, from.y()), QPointF(middle, to.y()), to);
  painter.drawPath(path);
  painter.drawLine(to, to + QPointF(-kArrow, -kArrow));
  painter.drawLine(to, to + QPointF(-kArrow, kArrow));
}

QPointF left_of(const QWidget* widget) {
  return {widget->geometry().left() - 2.0, widget->geometry().center().y() + 0.5};
}

QPointF right_of(const QWidget* widget) {
  return {widget->geometry().right() + 2.0, widget->geometry().center().y() + 0.5};
}

}  // namespace

LoraDiagram::LoraDiagram(RunDraft& draft, DraftFacts& facts, QWidget* parent)
    : QWidget(parent), draft_(draft), facts_(facts), grid_(new QGridLayout(this)) {
  setObjectName(QStringLiteral("loraDiagram"));
  setAccessibleName(tr("One layer of the model and what training touches of it"));
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  new PictureMenu(*this, tr("lora"), [this] { return table(); });
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setHorizontalSpacing(kSpaceHuge - kSpaceTiny);
  grid_->setVerticalSpacing(kSpaceSmall);
  connect(&facts_, &DraftFacts::modelChanged, this, &LoraDiagram::build);
  connect(&facts_, &DraftFacts::changed, this, &LoraDiagram::refresh);
  connect(&draft_, &RunDraft::changed, this, &LoraDiagram::refresh);
  build();
}

QLabel* LoraDiagram::add_label(const QString& text, int row, int rows, int column) {
  QLabel* label = make_note(text, this, false);
  label->setAlignment(Qt::AlignCenter);
  grid_->addWidget(label, row, column, rows, 1, Qt::AlignCenter);
  label->show();
  return label;
}

void LoraDiagram::build() {
  if (facts_.is_reading_model()) return;  // the layer before stands meanwhile
  flows_.clear();
  boxes_.clear();
  for (QObject* child : QObjectList(children())) {
    if (child->isWidgetType()) delete child;
  }
  const auto& model = facts_.model();
  if (!model) {
    updateGeometry();
    return;
  }
  int row = 0;
  for (const std::string block : {"self_attn", "mlp"}) {
    Flow flow;
    QList<ProjectionBox*> boxes;
    for (const ProjectionInfo& projection : model->projections) {
      if (projection.block != block) continue;
      auto* box = new ProjectionBox(projection, this);
      connect(box, &QAbstractButton::clicked, this, [this, box] { toggle(box); });
      boxes.append(box);
      box->show();
    }
    flow.last = boxes.takeLast();
    flow.first = boxes;
    for (int i = 0; i < boxes.size(); ++i) grid_->addWidget(boxes[i], row + i, 1);
    const int rows = static_cast<int>(boxes.size());
    const bool attends = block == "self_attn";
    flow.from = add_label(attends ? tr("layer's\ninput") : tr("after\nattention"), row, rows, 0);
    flow.operation =
        add_label(attends ? tr("attention,\nheads: %1").arg(model->num_heads) : tr("gate \u00d7 up"), row, rows, 2);
    grid_->addWidget(flow.last, row, 3, rows, 1, Qt::AlignVCenter);
    flow.to = add_label(tr("+"), row, rows, 4);
    boxes_ += flow.first;
    boxes_.append(flow.last);
    flows_.append(flow);
    row += rows;
    grid_->setRowMinimumHeight(row, kSpaceSmall);
    ++row;
  }
  for (int i = 1; i < boxes_.size(); ++i) setTabOrder(boxes_[i - 1], boxes_[i]);
  refresh();
}

void LoraDiagram::refresh() {
  const RunConfig& config = draft_.config();
  const bool full = config.method == Method::kFull;
  const auto& adapter = facts_.adapter();
  for (int i = 0; i < boxes_.size(); ++i) {
    ProjectionBox* box = boxes_[i];
    qint64 trained = -1;
    if (!full && adapter && adapter->by_projection.size() == static_cast<std::size_t>(boxes_.size())) {
      trained = adapter->by_projection[static_cast<std::size_t>(i)];
    }
    const bool on = full || (config.adapter_name_or_path ? trained > 0 : is_adapted(config, box->projection().name));
    box->setChecked(on);
    box->setEnabled(!full && !config.adapter_name_or_path);
    // Counts of a moment ago say nothing of a box just switched.
    if (!full && trained >= 0 && on != (trained > 0)) trained = on ? -1 : 0;
    box->set_trained(trained, full);
  }
  QStringList words;
  for (const ProjectionBox* box : std::as_const(boxes_)) {
    words << QStringLiteral("%1: %2").arg(box->text(), box->isChecked() ? tr("trained") : tr("frozen"));
  }
  setAccessibleDescription(words.join(QStringLiteral("; ")));
}

TableData LoraDiagram::table() const {
  TableData table;
  table.headers = {tr("projection"), tr("block"), tr("in"), tr("out"), tr("trained"), tr("parameters trained")};
  QList<QStringList> rows;
  for (const ProjectionBox* box : boxes_) {
    const ProjectionInfo& projection = box->projection();
    rows.append({QString::fromStdString(projection.name), QString::fromStdString(projection.block),
                 QString::number(projection.in), QString::number(projection.out),
                 box->isChecked() ? tr("yes") : tr("no"),
                 box->trained() < 0 ? QString() : QString::number(box->trained())});
  }
  table.rows = static_cast<int>(rows.size());
  table.cell = [rows](int row, int column) { return rows[row][column]; };
  return table;
}

void LoraDiagram::toggle(ProjectionBox* clicked) {
  std::vector<std::string> names;
  for (const ProjectionBox* box : std::as_const(boxes_)) {
    if (box->isChecked()) names.push_back(box->projection().name);
  }
  if (names.empty()) {
    clicked->setChecked(true);
    Q_EMIT refused();
    return;
  }
  if (names.size() == static_cast<std::size_t>(boxes_.size())) names = {kAllLinear};
  draft_.edit(tr("change lora.target_modules"), [&names](RunConfig& config) { config.lora.target_modules = names; });
}

void LoraDiagram::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(axis_line(palette()), 1.2));
  for (const Flow& flow : std::as_const(flows_)) {
    for (const ProjectionBox* first : flow.first) {
      paint_arrow(painter, right_of(flow.from), left_of(first));
      paint_arrow(painter, right_of(first), left_of(flow.operation));
    }
    paint_arrow(painter, right_of(flow.operation), left_of(flow.last));
    paint_arrow(painter, right_of(flow.last), left_of(flow.to));
  }
}

}  // namespace vernier::ui
