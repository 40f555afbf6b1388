#include "ui/plots/picture_export.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include "ui/style/color_maps.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr int kPictureScale = 2;
constexpr int kPointsPerInch = 72;

QImage picture(const QSize& size, const PaintPicture& paint) {
  QImage image(size * kPictureScale, QImage::Format_RGB32);
  image.setDevicePixelRatio(kPictureScale);
  image.fill(paper());
  paint(image, size);
  return image;
}

}  // namespace

bool save_picture(const QString& path, const QSize& size, const PaintPicture& paint) {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
    QSvgGenerator svg;
    svg.setOutputDevice(&file);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(0, 0), size));
    paint(svg, size);
  } else if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)) {
    QPdfWriter pdf(&file);
    pdf.setResolution(kPointsPerInch);
    pdf.setPageSize(QPageSize(QSizeF(size), QPageSize::Point));
    pdf.setPageMargins(QMarginsF());
    paint(pdf, size);
  } else {
    const qsizetype dot = path.lastIndexOf('.');
    const QByteArray format = dot < 0 ? QByteArray("png") : path.mid(dot + 1).toLatin1();
    if (!picture(size, paint).save(&file, format.constData())) return false;
  }
  return file.commit();
}

bool save_picture(const QString& path, const QSize& size, const PaintPicture& paint, MessageBar& messages) {
  const bool saved = save_picture(path, size, paint);
  if (saved) {
    messages.hide();
  } else {
    messages.showMessage(MessageLevel::kError,
                         QObject::tr("%1 cannot be written. Is the folder there, and is it yours?").arg(path));
  }
  return saved;
}

void copy_picture(const QSize& size, const PaintPicture& paint) {
  QGuiApplication::clipboard()->setImage(picture(size, paint));
}

bool save_picture_through_dialog(QWidget& owner, const QString& name, const PaintPicture& paint, MessageBar& messages) {
  const QString path = QFileDialog::getSaveFileName(&owner, QObject::tr("Save picture"), name + ".png",
                                                    QObject::tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"));
  return !path.isEmpty() && save_picture(path, owner.size(), paint, messages);
}

void add_picture_actions(QMenu& menu, QWidget& owner, const QString& name, const PaintPicture& paint,
                         MessageBar& messages) {
  menu.addAction(QObject::tr("&Copy as picture"), &owner, [&owner, paint] { copy_picture(owner.size(), paint); });
  menu.addAction(QObject::tr("&Save picture…"), &owner,
                 [&owner, name, paint, &messages] { save_picture_through_dialog(owner, name, paint, messages); });
}

}  // namespace vernier::ui
