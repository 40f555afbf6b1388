#include "ui/pages/inspect/sampling_panel.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <chrono>
#include <cmath>
#include <limits>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kStepsOfOne = 20;  // of the slider, from 0 to 1
constexpr auto kRest = std::chrono::milliseconds(300);

}  // namespace

SamplingPanel::SamplingPanel(QWidget* parent) : QWidget(parent) {
  auto* form = new QFormLayout(this);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(kSpaceMedium);
  form->setVerticalSpacing(kSpaceSmall);
  add_strength();
  max_new_tokens_ = new QSpinBox(this);
  describe(max_new_tokens_, "askMaxNewTokens", tr("Most new tokens"),
           tr("Where an answer is cut that does not end by itself (max_new_tokens). An answer that never ends often "
              "means that training did not show the end of a turn."));
  max_new_tokens_->setRange(1, 4096);
  max_new_tokens_->setValue(64);
  form->addRow(tr("Most &new tokens"), max_new_tokens_);
  temperature_ = new QDoubleSpinBox(this);
  describe(temperature_, "askTemperature", tr("Temperature"),
           tr("0 always takes the likeliest token: the answer shows what the model believes most. Higher values draw; "
              "at 1 as often as the model expects, above 1 more evenly (temperature)."));
  temperature_->setRange(0.0, 5.0);
  temperature_->setSingleStep(0.1);
  temperature_->setDecimals(2);
  temperature_->setSpecialValueText(tr("0, the likeliest"));
  form->addRow(tr("Te&mperature"), temperature_);
  top_k_ = new QSpinBox(this);
  describe(top_k_, "askTopK", tr("Top k"),
           tr("Draws only among the k likeliest tokens (top_k). Keeps rare slips out, and with them rare good words."));
  top_k_->setRange(0, std::numeric_limits<int>::max());
  top_k_->setSpecialValueText(tr("all"));
  form->addRow(tr("Top &k"), top_k_);
  top_p_ = new QDoubleSpinBox(this);
  describe(top_p_, "askTopP", tr("Top p"),
           tr("Draws only among the likeliest tokens that together reach this probability (top_p): few where the model "
              "is sure, many where it is not."));
  top_p_->setRange(0.01, 1.0);
  top_p_->setSingleStep(0.05);
  top_p_->setDecimals(2);
  top_p_->setValue(1.0);
  form->addRow(tr("Top &p"), top_p_);
  seed_ = new QSpinBox(this);
  describe(seed_, "askSeed", tr("Seed"),
           tr("The same seed draws the same answer again. Both sides use it, so that what differs between them is the "
              "model and not the dice."));
  seed_->setRange(0, std::numeric_limits<int>::max());
  form->addRow(tr("See&d"), seed_);
  note_ = make_note({}, this);
  note_->setObjectName(QStringLiteral("askSamplingNote"));
  form->addRow(note_);
  connect(temperature_, &QDoubleSpinBox::valueChanged, this, &SamplingPanel::show_note);
  show_note();
}

void SamplingPanel::add_strength() {
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  slider_ = new QSlider(Qt::Horizontal, this);
  const QString lesson =
      tr("Multiplies what the adapter adds to each weight: 0 is the model before training, 1 as trained, more "
         "exaggerates what was learnt. Where a little more breaks the answer, training went far.");
  describe(slider_, "askStrengthSlider", tr("Strength of the adapter"), lesson);
  slider_->setRange(0, static_cast<int>(std::lround(kStrongest * kStepsOfOne)));
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setTickInterval(kStepsOfOne / 2);
  slider_->setPageStep(kStepsOfOne / 4);
  strength_ = new QDoubleSpinBox(this);
  describe(strength_, "askStrength", tr("Strength of the adapter"), lesson);
  strength_->setRange(0.0, kStrongest);
  strength_->setSingleStep(1.0 / kStepsOfOne);
  strength_->setDecimals(2);
  row->addWidget(slider_, 1);
  row->addWidget(strength_);
  auto* label = new QLabel(tr("Adapter stren&gth"), this);
  label->setBuddy(slider_);
  static_cast<QFormLayout*>(layout())->addRow(label, row);
  settle_.setSingleShot(true);
  settle_.setInterval(kRest);
  connect(&settle_, &QTimer::timeout, this, [this] { Q_EMIT strengthChanged(strength()); });
  connect(slider_, &QSlider::valueChanged, this,
          [this](int value) { strength_->setValue(static_cast<double>(value) / kStepsOfOne); });
  connect(strength_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    const QSignalBlocker quiet(slider_);
    slider_->setValue(static_cast<int>(std::lround(value * kStepsOfOne)));
    settle_.start();
  });
  set_strength(1.0);
}

AskSampling SamplingPanel::sampling() const {
  AskSampling sampling;
  sampling.temperature = temperature_->value();
  sampling.top_k = top_k_->value();
  sampling.top_p = top_p_->value();
  sampling.seed = static_cast<std::uint64_t>(seed_->value());
  sampling.max_new_tokens = max_new_tokens_->value();
  return sampling;
}

void SamplingPanel::set_sampling(const AskSampling& sampling) {
  temperature_->setValue(sampling.temperature);
  top_k_->setValue(static_cast<int>(sampling.top_k));
  top_p_->setValue(sampling.top_p);
  seed_->setValue(static_cast<int>(sampling.seed));
  max_new_tokens_->setValue(static_cast<int>(sampling.max_new_tokens));
}

double SamplingPanel::strength() const {
  return strength_->value();
}

void SamplingPanel::set_strength(double strength) {
  strength_->setValue(strength);
  settle_.stop();
}

void SamplingPanel::show_note() {
  const bool draws = temperature_->value() > 0.0;
  for (QWidget* field : {static_cast<QWidget*>(top_k_), static_cast<QWidget*>(top_p_), static_cast<QWidget*>(seed_)}) {
    field->setEnabled(draws);
  }
  note_->setText(draws ? tr("Both sides draw with the same seed.")
                       : tr("At temperature 0 nothing is drawn: top k, top p and seed have no say."));
}

}  // namespace vernier::ui
