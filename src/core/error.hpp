// Statuses and the message of the last failure on a thread.
#pragma once
#include "core/types.hpp"

namespace bytestride {

constexpr std::size_t message_size = 384;

// The calling thread's message; empty before any failure.
char *last_error_message();

// The text of a status, and whether it is one of ours.
const char *status_text(status code);

// Writes the message into a caller's buffer, cut to fit; does nothing for a null or empty buffer.
void copy_message(const char *message, char *buffer, std::int64_t buffer_size);

}  // namespace bytestride
