// The whole library, except the parts that are useful on their own: lambda.hpp and webhook.hpp.
#pragma once

#include "loopstate/backup.hpp"
#include "loopstate/blocking.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/card.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/error.hpp"
#include "loopstate/json_text.hpp"
#include "loopstate/location.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"
#include "loopstate/session.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"
#include "loopstate/transaction.hpp"
