#include "ui/pages/setup/path_field.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFileSystemModel>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/session/settings.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kLeastChars = 20;

QString dropped_path(const QMimeData& data) {
  const QList<QUrl> urls = data.urls();
  return urls.size() == 1 && urls.front().isLocalFile() ? urls.front().toLocalFile() : QString();
}

}  // namespace

PathField::PathField(RunDraft& draft, FieldText text, Kind kind, std::function<QString(const RunConfig&)> get,
                     std::function<void(RunConfig&, const QString&)> set, QWidget* parent)
    : DraftField(draft, std::move(text), parent),
      kind_(kind),
      get_(std::move(get)),
      set_(std::move(set)),
      line_(new QLineEdit(this)) {
  line_->setMinimumWidth(character_width(fontMetrics()) * kLeastChars);
  line_->setPlaceholderText(kind_ == Kind::kFolder ? tr("Type, choose or drop a folder")
                                                   : tr("Type, choose or drop a file"));
  line_->setAcceptDrops(false);  // what is dropped on it is a path, not text
  auto* completer = new QCompleter(line_);
  auto* files = new QFileSystemModel(completer);
  files->setFilter(QDir::AllDirs | QDir::NoDotAndDotDot | (kind_ == Kind::kFile ? QDir::Files : QDir::Filter()));
  files->setOption(QFileSystemModel::DontWatchForChanges);
  completer->setModel(files);
  line_->setCompleter(completer);
  auto* browse = new QPushButton(tr("Choose\u2026"), this);
  describe(browse, "", tr("Choose: %1").arg(plain_label()), this->text().why);
  browse->setObjectName(QString::fromLatin1(this->text().key).replace('.', '_') + QLatin1String("Choose"));
  set_wide_control(line_, browse);
  setAcceptDrops(true);
  connect(line_, &QLineEdit::editingFinished, this, [this] { choose(line_->text()); });
  connect(browse, &QPushButton::clicked, this, &PathField::browse);
  show_draft();
}

void PathField::choose(const QString& path) {
  // A folder that is read only now must not open its list over what comes next.
  line_->completer()->popup()->hide();
  line_->completer()->setCompletionPrefix({});
  const QString typed = path.trimmed();
  QString whole = typed;
  if (whole.startsWith(QLatin1String("~/"))) whole = QDir::homePath() + whole.mid(1);
  if (!whole.isEmpty()) whole = QDir::cleanPath(QFileInfo(whole).absoluteFilePath());
  if (whole == get_(draft().config())) {
    show_draft();
    return;
  }
  begin_visit();
  edit([this, &whole](RunConfig& config) { set_(config, whole); });
}

void PathField::show_draft() {
  const QString path = get_(draft().config());
  if (line_->text() != path) line_->setText(path);
}

void PathField::browse() {
  Settings settings;
  const QString begin = settings.folder_around(get_(draft().config()));
  const QString path = kind_ == Kind::kFolder ? QFileDialog::getExistingDirectory(this, plain_label(), begin)
                                              : QFileDialog::getOpenFileName(this, plain_label(), begin);
  if (path.isEmpty()) return;
  settings.set_last_folder(QFileInfo(path).absolutePath());
  choose(path);
}

void PathField::dragEnterEvent(QDragEnterEvent* event) {
  const QString path = dropped_path(*event->mimeData());
  if (!path.isEmpty() && QFileInfo(path).isDir() == (kind_ == Kind::kFolder)) event->acceptProposedAction();
}

void PathField::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  choose(dropped_path(*event->mimeData()));
}

}  // namespace vernier::ui
