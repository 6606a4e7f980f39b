# Invented: two training machines, a pool for inference and a web server.
terraform {
  required_version = ">= 1.5"
}

variable "machine" {
  type    = string
  default = "p4d.24xlarge"
}

variable "pool_size" {
  type = number
}

locals {
  team = "nlp"
}

provider "aws" {
  region = "eu-west-3"
}

resource "aws_instance" "trainer" {
  count         = 2
  ami           = "ami-0abc"
  instance_type = var.machine
  tags = {
    Name     = "trainer-${count.index}"
    team     = local.team
    workload = "T5-11B"
  }
}

resource "aws_instance" "web" {
  ami           = "ami-0abc"
  instance_type = "m6i.large"
}

resource "google_container_node_pool" "serving" {
  name       = "serving-l4"
  cluster    = "serving"
  location   = "us-central1"
  node_count = var.pool_size

  node_config {
    machine_type = "g2-standard-24"
    labels = {
      model = "example-7b"
    }
  }
}

resource "aws_launch_template" "chat" {
  name          = "chat"
  instance_type = "g5.xlarge"
}

resource "aws_autoscaling_group" "chat" {
  name             = "chat-asg"
  desired_capacity = 4

  launch_template {
    id      = aws_launch_template.chat.id
    version = "$Latest"
  }
}

resource "aws_sagemaker_notebook_instance" "lab" {
  name          = "lab"
  instance_type = var.notebook_type
}
