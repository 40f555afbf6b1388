#include "ui/session/model_finder.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <exception>

#include "vernier/resources.h"

namespace vernier::ui {
namespace {

constexpr qint64 kMostConfigBytes = 1 << 20;

// "" where the folder has no config.json with one.
QString family_of(const QString& dir) {
  QFile file(QDir(dir).filePath(QStringLiteral("config.json")));
  if (file.size() > kMostConfigBytes || !file.open(QIODevice::ReadOnly)) return {};
  return QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("model_type")).toString();
}

quint64 weights_bytes(const QString& dir) {
  quint64 bytes = 0;
  const QFileInfoList files = QDir(dir).entryInfoList({QStringLiteral("*.safetensors")}, QDir::Files);
  for (const QFileInfo& file : files) bytes += static_cast<quint64>(file.size());
  return bytes;
}

QStringList folders_in(const QString& path) {
  QStringList out;
  const QFileInfoList entries =
      QDir(path).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot | QDir::Readable, QDir::Name);
  for (const QFileInfo& entry : entries) out.append(entry.absoluteFilePath());
  return out;
}

class Finder {
 public:
  explicit Finder(const std::stop_token& stop) : stop_(stop) {}

  void add(const QString& dir, const QString& name, ModelPlace place) {
    if (stop_.stop_requested()) return;
    const QString path = QDir::cleanPath(dir);
    // The same folder by another way, such as a link, is one model.
    const QString real = QFileInfo(path).canonicalFilePath();
    if (real.isEmpty() || seen_.contains(real)) return;
    const QString family = family_of(path);
    if (family.isEmpty()) return;
    seen_.insert(real);
    found_.push_back({path, name, family, weights_bytes(path), place});
  }

  // models--ORG--NAME/snapshots/REVISION
  void add_hub(const QString& hub) {
    for (const QString& repository : folders_in(hub)) {
      QString name = QFileInfo(repository).fileName();
      if (!name.startsWith(QLatin1String("models--"))) continue;
      name = name.mid(8).replace(QLatin1String("--"), QLatin1String("/"));
      const QDir snapshots(QDir(repository).filePath(QStringLiteral("snapshots")));
      QFile main(QDir(repository).filePath(QStringLiteral("refs/main")));
      const QString revision = main.open(QIODevice::ReadOnly) ? QString::fromUtf8(main.read(256)).trimmed() : QString();
      const QFileInfoList all = snapshots.entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Time);
      if (!revision.isEmpty() && snapshots.exists(revision)) {
        add(snapshots.filePath(revision), name, ModelPlace::kHuggingFace);
      } else if (!all.isEmpty()) {
        add(all.front().absoluteFilePath(), name, ModelPlace::kHuggingFace);
      }
    }
  }

  // NAME, or ORG/NAME.
  void add_folders(const QString& path, ModelPlace place) {
    for (const QString& first : folders_in(path)) {
      const QString name = QFileInfo(first).fileName();
      add(first, name, place);
      for (const QString& second : folders_in(first)) {
        // ModelScope writes a dot so.
        add(second, name + '/' + QFileInfo(second).fileName().replace(QLatin1String("___"), QLatin1String(".")), place);
      }
    }
  }

  std::vector<FoundModel> take() { return std::move(found_); }

 private:
  std::stop_token stop_;
  QSet<QString> seen_;
  std::vector<FoundModel> found_;
};

QString environment(const char* name) {
  return QString::fromLocal8Bit(qgetenv(name));
}

QStringList hub_folders() {
  QStringList folders;
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE"}) {
    if (const QString hub = environment(name); !hub.isEmpty()) folders.append(hub);
  }
  if (const QString home = environment("HF_HOME"); !home.isEmpty()) folders.append(home + QLatin1String("/hub"));
  const QString cache = environment("XDG_CACHE_HOME");
  if (!cache.isEmpty()) folders.append(cache + QLatin1String("/huggingface/hub"));
  folders.append(QDir::homePath() + QLatin1String("/.cache/huggingface/hub"));
  return folders;
}

// Its newer versions have a folder more.
QStringList modelscope_folders() {
  QStringList folders;
  const QString cache = environment("MODELSCOPE_CACHE");
  for (const QString& hub : {cache, QDir::homePath() + QLatin1String("/.cache/modelscope/hub")}) {
    if (!hub.isEmpty()) folders << hub + QLatin1String("/models") << hub;
  }
  return folders;
}

}  // namespace

std::vector<FoundModel> find_models_on_this_machine(const QStringList& recent, const std::stop_token& stop) {
  Finder finder(stop);
  try {
    const QString demo = QString::fromStdString(resource_dir()) + QLatin1String("/demo/model");
    finder.add(demo, FoundModelsModel::tr("Demo model"), ModelPlace::kBundled);
  } catch (const std::exception&) {
    // Without the resources there is no demo to offer.
  }
  for (const QString& dir : recent) finder.add(dir, QFileInfo(dir).fileName(), ModelPlace::kRecent);
  for (const QString& hub : hub_folders()) finder.add_hub(hub);
  for (const QString& folder : modelscope_folders()) finder.add_folders(folder, ModelPlace::kModelScope);
  const QString home = QDir::homePath();
  for (const char* folder : {"/.lmstudio/models", "/.cache/lm-studio/models"}) {
    finder.add_folders(home + QLatin1String(folder), ModelPlace::kLmStudio);
  }
  for (const char* folder : {"/models", "/Models"})
    finder.add_folders(home + QLatin1String(folder), ModelPlace::kFolder);
  return finder.take();
}

bool is_model_folder(const QString& path) {
  return !family_of(path).isEmpty();
}

bool is_adapter_folder(const QString& path) {
  return QFileInfo::exists(QDir(path).filePath(QStringLiteral("adapter_config.json")));
}

}  // namespace vernier::ui
