#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <prover/threads.hpp>

namespace strikefold
{
namespace
{
/// Threads that live as long as the process, and the loop they work on.
class Workers
{
    using Body = void (*)(const void* loop, size_t part);

    std::mutex mutex_;  ///< Of everything below.
    std::condition_variable work_;
    std::condition_variable done_;
    Body body_ = nullptr;
    const void* loop_ = nullptr;
    size_t parts_ = 0;
    size_t next_ = 0;     ///< The first part that nobody has taken.
    size_t running_ = 0;  ///< Parts taken and not finished.
    size_t threads_ = 0;
    bool busy_ = false;

public:
    void run(size_t parts, Body body, const void* loop)
    {
        std::unique_lock lock{mutex_};
        if (busy_)
        {
            lock.unlock();
            for (size_t part = 0; part < parts; ++part)
                body(loop, part);
            return;
        }
        busy_ = true;
        for (; threads_ + 1 < parts; ++threads_)
            std::thread{[this] { serve(); }}.detach();
        body_ = body;
        loop_ = loop;
        parts_ = parts;
        next_ = 0;
        work_.notify_all();
        take_parts(lock);
        done_.wait(lock, [this] { return running_ == 0; });
        busy_ = false;
    }

private:
    /// An exception in a loop ends the process: the other threads still use the loop.
    void take_parts(std::unique_lock<std::mutex>& lock) noexcept
    {
        while (next_ < parts_)
        {
            const size_t part = next_++;
            const Body body = body_;
            const void* loop = loop_;
            ++running_;
            lock.unlock();
            body(loop, part);
            lock.lock();
            if (--running_ == 0)
                done_.notify_one();
        }
    }

    void serve()
    {
        std::unique_lock lock{mutex_};
        for (;;)
        {
            work_.wait(lock, [this] { return next_ < parts_; });
            take_parts(lock);
        }
    }
};

/// Never deleted: its threads may outlive every destructor.
std::atomic<Workers*> shared_workers{nullptr};

[[nodiscard]] Workers& workers()
{
    // threads do not survive a fork: the child starts its own
    static const int registered =
        pthread_atfork(nullptr, nullptr, [] { shared_workers.store(nullptr); });
    (void)registered;
    Workers* present = shared_workers.load();
    if (present == nullptr)
    {
        auto* const fresh = new Workers;
        if (shared_workers.compare_exchange_strong(present, fresh))
            return *fresh;
        delete fresh;  // another thread was faster
    }
    return *present;
}
}  // namespace

void run_parts(size_t parts, void (*body)(const void* loop, size_t part), const void* loop)
{
    workers().run(parts, body, loop);
}
}  // namespace strikefold
