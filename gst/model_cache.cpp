// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "model_cache.hpp"

#include <map>
#include <mutex>
#include <tuple>

#include <glib/gstdio.h>

namespace percepnet::gst
{
namespace
{

// A file that was replaced is another model.
struct FileId
{
  std::string path;
  gint64 size = 0, changed = 0;
  guint64 inode = 0;

  bool operator < (const FileId & other) const
  {
    return std::tie (path, size, changed, inode)
        < std::tie (other.path, other.size, other.changed, other.inode);
  }
};

FileId
identify (const std::string & path)
{
  FileId id;
  GStatBuf status;

  id.path = path;
  if (!path.empty () && g_stat (path.c_str (), &status) == 0) {
    id.size = status.st_size;
    id.changed = status.st_mtime;
    id.inode = status.st_ino;
  }
  return id;
}

}

ModelPtr
open_model (const std::string & path, percepnet_error * error)
{
  static std::mutex mutex;
  static std::map < FileId, std::weak_ptr < percepnet_model >> models;

  const std::lock_guard < std::mutex > lock (mutex);
  for (auto entry = models.begin (); entry != models.end ();)
    entry = entry->second.expired () ? models.erase (entry) : std::next (entry);

  auto & entry = models[identify (path)];
  if (ModelPtr shared = entry.lock ())
    return shared;
  percepnet_model *model = percepnet_model_load (path.c_str (), error);
  if (!model)
    return nullptr;
  ModelPtr opened (model, percepnet_model_unref);
  entry = opened;
  return opened;
}

}
