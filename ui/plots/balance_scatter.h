// How often each token is asked for against how often it is said, on logarithmic axes.
#pragma once

#include <QFontMetricsF>
#include <QMenu>
#include <QPixmap>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/plots/data_table_dialog.h"
#include "ui/style/paint.h"
#include "vernier/balance.h"

namespace vernier::ui {

class MessageBar;

// Above the diagonal a token is said more often than asked for. Click selects the nearest token; left and right go
// through them by excess. GUI thread only.
class BalanceScatter : public QWidget {
  Q_OBJECT

 public:
  explicit BalanceScatter(QWidget* parent = nullptr);

  void setBalance(const std::vector<TokenBalance>& tokens, PieceLookup pieces);
  // Without a signal; -1: none.
  void setSelected(std::int32_t id);
  std::int32_t selected() const { return selected_ < 0 ? -1 : tokens_[static_cast<std::size_t>(selected_)].id; }
  void clear(const QString& explanation);
  // Where a count lies; 0 has a place of its own before 1.
  QPointF pointOf(const TokenBalance& token) const;
  QStringList readout(int index) const;
  bool savePicture(const QString& path);
  TableData table() const;
  // Copying and saving, the table.
  void addActions(QMenu& menu);

 Q_SIGNALS:
  void tokenSelected(int id);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  enum class Medium { kScreen, kFile };

  void paint(QPainter& painter, Medium medium);
  void paintAxes(QPainter& painter, const QRectF& field);
  void paintPoints(QPainter& painter) const;
  void paintNames(QPainter& painter);
  QRectF field() const;
  static QString said_too_often();
  static QString said_too_seldom();
  std::vector<QRectF> wordsOfTheField(const QFontMetricsF& metrics) const;
  double along(double count) const;  // 0 to 1 on an axis
  int nearest(const QPointF& at) const;
  void select(int index);
  void describeSelection();
  QString pieceOf(std::int32_t id) const { return visible_piece(pieces_ ? pieces_(id) : QString(), id); }

  MessageBar* messages_ = nullptr;
  std::vector<TokenBalance> tokens_;
  std::vector<int> by_excess_;  // indices, most over-predicted first
  PieceLookup pieces_;
  QString explanation_;
  double most_ = 1.0;
  int selected_ = -1;
  int hovered_ = -1;
  QPixmap points_;  // painted once: there may be as many as the vocabulary holds
};

}  // namespace vernier::ui
