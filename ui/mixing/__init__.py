"""Stream mixing: choosing experiments, training them, and what they show."""
