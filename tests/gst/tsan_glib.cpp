// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// For ThreadSanitizer, which does not see into GLib and GStreamer: their locks and
// reference counts, which are system calls and atomic instructions, are told to it.
// In an executable that exports these functions they stand before the libraries' own.
#include <mutex>

#include <dlfcn.h>

#include <gst/gst.h>
#include <sanitizer/tsan_interface.h>

namespace
{

/* Work for a thread of a pool. */
struct Work
{
  GFunc function;
  gpointer data;
};

void
do_work (gpointer item, gpointer data)
{
  const Work & work = *static_cast < Work * >(data);

  __tsan_acquire (item);
  work.function (item, work.data);
}

template < typename Function > Function
next (Function, const char *name)
{
  return reinterpret_cast < Function > (dlsym (RTLD_NEXT, name));
}

}

#define NEXT(name) static const auto real = next (name, #name)

/* Locks: what was done before one is given back is seen by whom takes it. */
#define LOCK(Type, name) \
    extern "C" void name (Type * lock) \
    { NEXT (name); real (lock); __tsan_acquire (lock); }
#define TRYLOCK(Type, name) \
    extern "C" gboolean name (Type * lock) \
    { NEXT (name); const gboolean got = real (lock); \
      if (got) { __tsan_acquire (lock); } return got; }
#define UNLOCK(Type, name) \
    extern "C" void name (Type * lock) \
    { NEXT (name); __tsan_release (lock); real (lock); }

LOCK (GMutex, g_mutex_lock)
TRYLOCK (GMutex, g_mutex_trylock)
UNLOCK (GMutex, g_mutex_unlock)
LOCK (GRecMutex, g_rec_mutex_lock)
TRYLOCK (GRecMutex, g_rec_mutex_trylock)
UNLOCK (GRecMutex, g_rec_mutex_unlock)
LOCK (GRWLock, g_rw_lock_writer_lock)
UNLOCK (GRWLock, g_rw_lock_writer_unlock)
LOCK (GRWLock, g_rw_lock_reader_lock)
UNLOCK (GRWLock, g_rw_lock_reader_unlock)

extern "C" void
g_cond_wait (GCond * cond, GMutex * mutex)
{
  NEXT (g_cond_wait);
  __tsan_release (mutex);
  real (cond, mutex);
  __tsan_acquire (mutex);
}

extern "C" gboolean
g_cond_wait_until (GCond * cond, GMutex * mutex, gint64 end)
{
  NEXT (g_cond_wait_until);
  __tsan_release (mutex);
  const gboolean result = real (cond, mutex, end);
  __tsan_acquire (mutex);
  return result;
}

/* GLib's own calls of the above do not come by here. */
extern "C" void
g_async_queue_push (GAsyncQueue * queue, gpointer data)
{
  NEXT (g_async_queue_push);
  __tsan_release (queue);
  real (queue, data);
}

extern "C" gpointer
g_async_queue_pop (GAsyncQueue * queue)
{
  NEXT (g_async_queue_pop);
  const gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

extern "C" gpointer
g_async_queue_try_pop (GAsyncQueue * queue)
{
  NEXT (g_async_queue_try_pop);
  const gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

/* GLib's table of words: a lock of our own around it. */
static std::mutex words;

#define WORD(Type, name) \
    extern "C" Type name (const gchar * text) \
    { NEXT (name); const std::lock_guard < std::mutex > lock (words); \
      return real (text); }

WORD (GQuark, g_quark_from_string)
WORD (GQuark, g_quark_from_static_string)
WORD (GQuark, g_quark_try_string)
WORD (const gchar *, g_intern_string)
WORD (const gchar *, g_intern_static_string)

/* Pools are few, and their work stays. */
extern "C" GThreadPool *
g_thread_pool_new (GFunc function, gpointer data, gint most, gboolean exclusive,
    GError ** error)
{
  NEXT (g_thread_pool_new);
  return real (do_work, new Work { function, data }, most, exclusive, error);
}

extern "C" gboolean
g_thread_pool_push (GThreadPool * pool, gpointer item, GError ** error)
{
  NEXT (g_thread_pool_push);
  __tsan_release (item);
  return real (pool, item, error);
}

/* References: the last one sees what was done under the others. */
extern "C" void
gst_mini_object_unref (GstMiniObject * object)
{
  NEXT (gst_mini_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

extern "C" void
g_object_unref (gpointer object)
{
  NEXT (g_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}
