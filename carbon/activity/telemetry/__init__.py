"""From samples of meters to energy by device and span: what every telemetry reader shares."""
