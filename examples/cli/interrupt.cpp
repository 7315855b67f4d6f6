#include "interrupt.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <future>
#include <system_error>

namespace cli {
namespace {

constexpr int watched[] = {SIGINT, SIGTERM, SIGHUP};
constexpr char endOfProgram = 'e', signalCame = 's';

int pipeEnds[2] = {-1, -1};

// A handler may do next to nothing, and std::stop_source is not part of it: a thread at the other end of the pipe asks to stop.
void onSignal(int) {
  const int saved = errno;
  [[maybe_unused]] const auto written = ::write(pipeEnds[1], &signalCame, 1);
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() {
  if (::pipe2(pipeEnds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "a pipe for signals");
  sigset_t set{}, before{};
  sigemptyset(&set);
  for (const int signal : watched) sigaddset(&set, signal);
  // The watcher takes no signals, so that one interrupts what the main thread waits for.
  pthread_sigmask(SIG_BLOCK, &set, &before);
  watcher_ = std::thread([this] { watch(); });
  struct sigaction action {};
  action.sa_handler = onSignal;
  // No SA_RESTART: a wait ends. SA_RESETHAND: the same signal a second time kills.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : watched) {
    struct sigaction now {};
    // What the parent told us to ignore (nohup) stays ignored.
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Interrupt::~Interrupt() {
  for (const int signal : watched) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == onSignal) std::signal(signal, SIG_DFL);
  }
  [[maybe_unused]] const auto written = ::write(pipeEnds[1], &endOfProgram, 1);
  watcher_.join();
  ::close(pipeEnds[0]);
  ::close(pipeEnds[1]);
}

void Interrupt::watch() noexcept {
  char word = 0;
  while (word != endOfProgram) {
    const auto got = ::read(pipeEnds[0], &word, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1) return;
    if (word == signalCame) source_.request_stop();
  }
}

void waitFor(const std::stop_token& stop) {
  std::promise<void> asked;
  const std::stop_callback callback(stop, [&] { asked.set_value(); });
  asked.get_future().wait();
}

}  // namespace cli
