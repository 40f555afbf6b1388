// One lesson: predict, run, reveal.
#pragma once

#include <QButtonGroup>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <QWidget>
#include <map>
#include <string>
#include <vector>

#include "ui/plots/curve_plot.h"
#include "ui/session/lesson_experiments.h"
#include "ui/session/lesson_text.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class LessonView : public QWidget {
  Q_OBJECT

 public:
  explicit LessonView(LessonText text, QWidget* parent = nullptr);

  const LessonText& text() const { return text_; }
  // Why the experiment cannot be run now; "" where it can.
  void set_obstacle(const QString& sentence);
  void show_progress(double fraction);
  void show_result(const LessonResult& result);
  void show_cancelled();
  void show_failure(const QString& sentence);
  void take_focus();
  // There is another lesson behind this one.
  void set_has_next(bool has_next);
  // Times the application's text size.
  void set_scale(double scale);

 Q_SIGNALS:
  void runWanted();
  void cancelWanted();
  void nextWanted();

 protected:
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QLabel* add_heading(QVBoxLayout* column, const QString& text);
  QLabel* add_paragraph(QVBoxLayout* column, const QString& text);
  void add_prediction(QVBoxLayout* column);
  void add_experiment(QVBoxLayout* column);
  void add_reveal(QVBoxLayout* column);
  void refresh();
  void end_experiment();
  void fill_table(const LessonResult& result);
  // As high as its rows: the page scrolls, not the table.
  void fit_table();
  // A radio button does not break its words by itself.
  void break_choices();
  // Those that cannot be taken any more are still read.
  void color_choices();
  // Says at the choices which was right and which was taken.
  void mark_choices();
  // What the experiment found, in words.
  std::map<std::string, std::string> said_values(const LessonResult& result) const;
  QString label_of(const std::string& key) const;

  LessonText text_;
  QString obstacle_;
  bool is_running_ = false;
  double scale_ = 1.0;
  std::vector<QLabel*> headings_;
  std::vector<QLabel*> paragraphs_;  // as wide as lines of text may be
  QButtonGroup* choices_ = nullptr;
  // Below a choice, by its number: a shape and a word.
  struct ChoiceMark {
    QWidget* row = nullptr;
    QLabel* icon = nullptr;
    QLabel* word = nullptr;
  };
  std::vector<ChoiceMark> marks_;
  QPushButton* run_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* run_note_ = nullptr;
  MessageBar* messages_ = nullptr;
  QWidget* reveal_ = nullptr;
  QLabel* verdict_icon_ = nullptr;
  QLabel* verdict_ = nullptr;
  CurvePlot* plot_ = nullptr;
  QTableWidget* table_ = nullptr;
  QVBoxLayout* findings_ = nullptr;
  QLabel* remember_ = nullptr;
  QPushButton* next_ = nullptr;
};

}  // namespace vernier::ui
