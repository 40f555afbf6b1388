// What every plot offers: copy as picture, save as PNG, SVG or PDF.
#pragma once

#include <QMenu>
#include <QPaintDevice>
#include <QSize>
#include <QWidget>
#include <functional>

namespace vernier::ui {

class MessageBar;

// Paints the whole plot at `size` (device-independent pixels).
using PaintPicture = std::function<void(QPaintDevice& device, const QSize& size)>;

// The format is the name's ending: .svg, .pdf, or a picture format Qt writes. Pictures come at twice the size. False
// where the file cannot be written.
bool save_picture(const QString& path, const QSize& size, const PaintPicture& paint);
// The same, and says in `messages` what went wrong.
bool save_picture(const QString& path, const QSize& size, const PaintPicture& paint, MessageBar& messages);
void copy_picture(const QSize& size, const PaintPicture& paint);

// Asks for a file name, proposing `name`. False where nothing was saved.
bool save_picture_through_dialog(QWidget& owner, const QString& name, const PaintPicture& paint, MessageBar& messages);

// "Copy as picture" and "Save picture...". `name` proposes a file name; failures are told in `messages`.
void add_picture_actions(QMenu& menu, QWidget& owner, const QString& name, const PaintPicture& paint,
                         MessageBar& messages);

}  // namespace vernier::ui
