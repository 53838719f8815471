#!/bin/sh
# Creates the namespace when it is missing, then exits. An existing namespace keeps its retention: change that by hand
# with `temporal operator namespace update --retention`, knowing that a shorter one removes history.
# Reads TEMPORAL_ADDRESS (as the CLI does), NAMESPACE and NAMESPACE_RETENTION.
set -eu

# The port is open before the services behind it have found each other.
attempt=1
until temporal operator cluster health 2>/dev/null | grep -q SERVING; do
  if [ "$attempt" -ge 30 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not serving after $attempt attempts." >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 2
done

if temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
  echo "Namespace $NAMESPACE is there."
else
  temporal operator namespace create --namespace "$NAMESPACE" --retention "$NAMESPACE_RETENTION"
fi
